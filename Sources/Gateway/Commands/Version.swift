import ArgumentParser

/// `haniel version`: which version this is.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")
    /// The version of the product (semantic versioning).
    static let number = "0.1.0"

    func run() {
        print("haniel \(Self.number)")
    }
}
