import Glibc
import HTTP

/// A directory whose files a route serves.
///
/// The path of a request is canonical, so that no segment climbs; names that begin with a dot are not served, and
/// symbolic links below the root are not followed, wherever on the path they stand.
final class FileRoot: Sendable {
    private let root: String
    private let index: String
    private let maxAgeSeconds: Int

    init(_ configuration: Configuration.Files) {
        root =
            configuration.root.hasSuffix("/")
            ? String(configuration.root.dropLast()) : configuration.root
        index = configuration.index
        maxAgeSeconds = Int(configuration.maxAge.components.seconds)
    }

    /// The file for the request's path, or a 304 if the client has it; nil if there is none.
    func answer(_ exchange: Exchange) -> Response? {
        let path = exchange.head.target.path
        guard !path.contains(UInt8(ascii: "%")), path.firstIndex(of: 0) == nil else { return nil }
        var name = path.string
        guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) else { return nil }
        if name.hasSuffix("/") { name += index }
        let file = FileContent(descriptor: open(name), name: name, maxAgeSeconds: maxAgeSeconds)
        guard let file else { return nil }
        if let known = exchange.head.first(of: .ifNoneMatch)?.string,
            known == "*" || known.contains(file.etag)
        {
            var response = Response(status: 304, source: .content(.empty))
            response.fields = [("etag", file.etag), ("cache-control", "max-age=\(maxAgeSeconds)")]
            return response
        }
        return Response(status: 200, source: .file(file))
    }

    /// A descriptor of the file, or -1. Segment by segment, since a link anywhere on the way could lead out.
    private func open(_ name: String) -> Int32 {
        let segments = name.split(separator: "/")
        var descriptor = unsafe Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for (index, segment) in segments.enumerated() where descriptor >= 0 {
            let kind = index == segments.count - 1 ? O_NONBLOCK : O_DIRECTORY
            let next = unsafe openat(
                descriptor,
                String(segment),
                O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind
            )
            close(descriptor)
            descriptor = next
        }
        return descriptor
    }
}

/// An open file, sent piece by piece.
final class FileContent {
    let length: Int
    /// A strong validator of size and time of change.
    let etag: String
    private let descriptor: Int32
    private let contentType: StaticString
    private let maxAgeSeconds: Int

    /// Takes over the descriptor of a regular file; nil if it is none.
    init?(descriptor: Int32, name: String, maxAgeSeconds: Int) {
        self.descriptor = descriptor
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        length = status.st_size
        let version = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, length]
        etag = "\"" + version.map { String($0, radix: 16) }.joined(separator: "-") + "\""
        contentType = Self.contentType(of: name)
        self.maxAgeSeconds = maxAgeSeconds
    }

    deinit { close(descriptor) }

    func appendFields(to output: OutputBuffer) {
        output.appendField("content-type", contentType)
        output.appendField("etag", etag)
        output.appendField("cache-control", "max-age=\(maxAgeSeconds)")
        output.appendField("x-content-type-options", "nosniff" as StaticString)
    }

    /// Appends at most `limit` bytes from `offset` on; nil if the file cannot be read.
    func append(to output: OutputBuffer, from offset: Int, limit: Int) -> Int? {
        let wanted = min(limit, length - offset)
        guard wanted > 0 else { return 0 }
        let count = unsafe output.fill(atLeast: wanted) { (room: UnsafeMutableRawBufferPointer) in
            max(0, unsafe pread(descriptor, room.baseAddress, min(wanted, room.count), offset))
        }
        return count
    }

    private static func contentType(of path: String) -> StaticString {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) ?? "" {
        case "html", "htm": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "ico": "image/x-icon"
        case "txt": "text/plain; charset=utf-8"
        case "pdf": "application/pdf"
        case "woff2": "font/woff2"
        case "wasm": "application/wasm"
        default: "application/octet-stream"
        }
    }
}
