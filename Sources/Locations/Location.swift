import CMaxMindDB

/// Where an address is, as far as its database says. Keeps the database open.
@safe public struct Location: Sendable {
    /// What a database may say. The names are those of its records (GeoIP2 City and Country).
    public enum Field: CaseIterable, Sendable {
        /// Two letters of the continent, such as `EU`.
        case continentCode
        /// Two letters of the country (ISO 3166-1).
        case countryCode
        case countryName
        /// The first subdivision's code (ISO 3166-2, without the country).
        case regionCode
        case cityName
        case postalCode
        /// Degrees, decimal.
        case latitude
        case longitude
    }

    private static let textLimitBytes = 256

    private let database: LocationDatabase
    // Points into the database, which is kept.
    nonisolated(unsafe) private let entry: MMDB_entry_s

    @unsafe init(database: LocationDatabase, entry: MMDB_entry_s) {
        self.database = database
        unsafe self.entry = entry
    }

    /// The country's two letters, in upper case; nil if it is not known.
    public var country: CountryCode? { self[.countryCode].flatMap(CountryCode.init) }

    /// A field's text; nil if the database does not say.
    public subscript(field: Field) -> String? {
        field.isNumber ? number(field.path) : text(field.path)
    }

    private func text(_ path: [StaticString]) -> String? {
        var length: UInt32 = 0
        guard
            let start = unsafe Location.withPath(
                path,
                { unsafe cmaxminddb_text(entry, $0, &length) }
            )
        else { return nil }
        let count = min(Int(length), Location.textLimitBytes)
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return withExtendedLifetime(database) { unsafe String(decoding: bytes, as: UTF8.self) }
    }

    private func number(_ path: [StaticString]) -> String? {
        var number = 0.0
        let isFound = unsafe Location.withPath(path) {
            unsafe cmaxminddb_number(entry, $0, &number)
        }
        return withExtendedLifetime(database) { isFound && number.isFinite ? "\(number)" : nil }
    }

    /// A path as the library wants it: texts that end in a zero byte, and a null pointer behind the last.
    private static func withPath<Result>(
        _ path: [StaticString],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var steps = unsafe path.map { step -> UnsafePointer<CChar>? in
            unsafe UnsafeRawPointer(step.utf8Start).assumingMemoryBound(to: CChar.self)
        }
        unsafe steps.append(nil)
        return unsafe steps.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}

extension Location.Field {
    fileprivate var path: [StaticString] {
        switch self {
        case .continentCode: ["continent", "code"]
        case .countryCode: ["country", "iso_code"]
        case .countryName: ["country", "names", "en"]
        case .regionCode: ["subdivisions", "0", "iso_code"]
        case .cityName: ["city", "names", "en"]
        case .postalCode: ["postal", "code"]
        case .latitude: ["location", "latitude"]
        case .longitude: ["location", "longitude"]
        }
    }

    fileprivate var isNumber: Bool { self == .latitude || self == .longitude }
}

/// Two letters that stand for a country (ISO 3166-1 alpha-2).
public struct CountryCode: Hashable, Sendable, CustomStringConvertible {
    /// Both letters, in upper case.
    public let letters: InlineArray<2, UInt8>

    /// Nil for anything but two letters.
    public init?(_ text: String) {
        let bytes = text.utf8.map { $0 & ~0x20 as UInt8 }
        guard bytes.count == 2, bytes.allSatisfy({ 0x41...0x5A ~= $0 }) else { return nil }
        letters = [bytes[0], bytes[1]]
    }

    public var description: String { String(decoding: [letters[0], letters[1]], as: UTF8.self) }

    public static func == (left: CountryCode, right: CountryCode) -> Bool {
        left.letters[0] == right.letters[0] && left.letters[1] == right.letters[1]
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(letters[0])
        hasher.combine(letters[1])
    }
}
