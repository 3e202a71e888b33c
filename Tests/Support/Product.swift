import Foundation

/// The programs under test, as the build beside the running tests made them.
public enum Product: String, Sendable {
    case haniel
    case bookme

    /// The executable's path; nil where this build did not make it.
    public var path: String? {
        // The test bundle lies in the folder of the build's products, wherever --scratch-path put that.
        let bundle =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        var folder = URL(filePath: bundle).deletingLastPathComponent()
        for _ in 0..<3 {
            let candidate = folder.appending(path: rawValue).path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
