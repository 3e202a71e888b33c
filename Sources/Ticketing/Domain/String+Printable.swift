extension String {
    /// Without blanks at both ends. They come with what was copied, and one engine tells texts apart by them where the
    /// other does not.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// Whether it has neither control characters nor line breaks, which cannot be printed on a ticket, nor characters
    /// that make what follows read in another direction than it is written in.
    var isPrintable: Bool {
        unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: false
            default: !Self.turns.contains { $0.contains(scalar) }
            }
        }
    }

    /// Embeddings, overrides and isolates. The marks U+200E and U+200F reach no further than themselves.
    private static let turns: [ClosedRange<Unicode.Scalar>] = [
        "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}",
    ]
}
