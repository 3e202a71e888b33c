/// An e-mail address as far as it can be judged without sending one.
struct EmailAddress: Sendable, Equatable {
    /// As the visitor wrote it, without surrounding blanks.
    let text: String
    /// What two spellings of one mailbox share: ASCII lower case. Letters beyond ASCII stay as they are: some become an
    /// ASCII letter in lower case, and who writes one is not the owner of the other's mailbox.
    let normalised: String

    /// Accepts one `@` with something before it and a dotted name behind it, printable, at most 254 bytes.
    init?(_ input: String) {
        let blanks: Set<Character> = [" ", "\t", "\n", "\r"]
        let trimmed = input.drop(while: blanks.contains)
        let end = trimmed.lastIndex { !blanks.contains($0) }
        guard let end else { return nil }
        let address = String(trimmed[...end])
        let bytes = Array(address.utf8)
        guard bytes.count <= 254, bytes.allSatisfy({ $0 > 32 && $0 != 127 }) else { return nil }
        let refused: [UInt8] = Array("<>()[],;:\\\"".utf8)
        guard !bytes.contains(where: refused.contains) else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].count <= 64 else { return nil }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty && $0.count <= 63 }) else {
            return nil
        }
        text = address
        normalised = String(
            decoding: bytes.map { (65...90).contains($0) ? $0 + 32 : $0 },
            as: UTF8.self
        )
    }
}
