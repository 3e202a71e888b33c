import Foundation

/// The package's root, for files that tests share with the product: rules, configurations.
public enum Repository {
    public static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().path
}
