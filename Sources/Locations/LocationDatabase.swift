import CMaxMindDB

/// Where addresses are: a file in MaxMind's format (MaxMind DB 2.0), such as GeoLite2, GeoIP2 or DB-IP in that form.
///
/// The file is mapped, not read, so it has to be replaced by renaming, never by writing into it: what the updaters of
/// the vendors do. A new file counts from the next reload.
///
/// Unchecked because of the pointer: an open database is only read, which the library allows from many threads.
@safe public final class LocationDatabase: @unchecked Sendable {
    private let database: UnsafeMutablePointer<MMDB_s>

    /// Opens a file.
    /// - Throws: `LocationDatabaseError` if it cannot be read, or is no such database.
    public init(path: String) throws(LocationDatabaseError) {
        let memory = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
        unsafe memory.initialize(to: MMDB_s())
        var problem: UnsafePointer<CChar>?
        guard unsafe cmaxminddb_open(path, memory, &problem) else {
            unsafe memory.deallocate()
            let reason = unsafe problem.map { unsafe String(cString: $0) } ?? "unknown error"
            throw LocationDatabaseError(path: path, reason: reason)
        }
        unsafe database = memory
    }

    deinit {
        unsafe MMDB_close(database)
        unsafe database.deallocate()
    }

    /// What the database says about an address; nil if it does not know it.
    ///
    /// - Parameters:
    ///   - high: the upper half of an IPv6 address; 0 for IPv4.
    ///   - low: the lower half, or an IPv4 address.
    public func location(high: UInt64, low: UInt64, isIPv6: Bool) -> Location? {
        var octets = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<(isIPv6 ? 16 : 4) {
            let word = isIPv6 && index < 8 ? high : low
            let shift = UInt64((isIPv6 ? 7 : 3) - index % 8) * 8
            octets[index] = UInt8(truncatingIfNeeded: word >> shift)
        }
        var entry = unsafe MMDB_entry_s()
        let isFound = unsafe octets.span.withUnsafeBufferPointer {
            unsafe cmaxminddb_find(database, $0.baseAddress, isIPv6, &entry)
        }
        return isFound ? unsafe Location(database: self, entry: entry) : nil
    }
}

/// Why a file is no database of locations.
public struct LocationDatabaseError: Error, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The library's words.
    public let reason: String

    public var description: String { "\(path): \(reason)" }
}
