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

    /// Whether it can stand on a ticket as a name: 1 to 120 characters, of which one is to be seen.
    var isName: Bool {
        let scalars = unicodeScalars
        return scalars.count <= 120 && scalars.contains { !$0.isBlank }
    }
}

extension Unicode.Scalar {
    /// Whether it shows nothing: blanks, and what is there for other characters alone.
    fileprivate var isBlank: Bool {
        properties.isWhitespace || properties.isDefaultIgnorableCodePoint || self == "\u{2800}"
    }
}
