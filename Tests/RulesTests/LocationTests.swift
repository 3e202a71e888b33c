import Foundation
import Support
import Testing

@testable import Locations
@testable import Rules

/// `SecGeoLookupDb`, `@geoLookup` and the collection `GEO`, with a database of the tests' own.
@Suite struct LocationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        var file = LocationFile()
        file.add(
            [192, 0, 2, 0],
            length: 24,
            .map([
                ("continent", .map([("code", .text("EU"))])),
                (
                    "country",
                    .map([("iso_code", .text("AT")), ("names", .map([("en", .text("Austria"))]))])
                ),
                ("subdivisions", .list([.map([("iso_code", .text("9"))])])),
                ("city", .map([("names", .map([("en", .text("Vienna"))]))])),
                ("postal", .map([("code", .text("1010"))])),
                ("location", .map([("latitude", .number(48.25)), ("longitude", .number(16.375))])),
            ])
        )
        file.add([198, 51, 100, 0], length: 24, country: "CH")
        file.add(
            [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 12),
            length: 32,
            country: "DE"
        )
        try Data(file.bytes).write(to: URL(filePath: folder.file("places.mmdb")))
    }

    private func message(_ rules: String) throws -> String? {
        let file = try folder.write("SecGeoLookupDb places.mmdb\n" + rules, to: "rules.conf")
        return Exchange(try RuleSet.load([file]), Request()).interruption?.message
    }

    @Test func `The database answers for both families of addresses`() throws {
        let database = try LocationDatabase(path: folder.file("places.mmdb"))
        #expect(
            database.location(high: 0, low: 0xC000_0201, isIPv6: false)?.country?.description
                == "AT"
        )
        #expect(
            database.location(high: 0, low: 0xC633_6401, isIPv6: false)?.country?.description
                == "CH"
        )
        let documentation = database.location(high: 0x2001_0DB8_0000_0001, low: 1, isIPv6: true)
        #expect(documentation?.country?.description == "DE")
        #expect(documentation?[.cityName] == nil)
        #expect(database.location(high: 0, low: 0x0A00_0001, isIPv6: false) == nil)
    }

    @Test func `A found address fills GEO`() throws {
        let text = """
            SecRule REMOTE_ADDR "@geoLookup" "id:1,phase:1,pass,nolog"
            SecRule GEO:COUNTRY_CODE "@streq AT" "id:2,phase:1,deny,msg:'%{geo.city} %{GEO.POSTAL_CODE} \
            %{geo.latitude} %{geo.longitude} %{geo.country_name} %{geo.country_continent} %{geo.region}'"
            """
        #expect(try message(text) == "Vienna 1010 48.25 16.375 Austria EU 9")
    }

    @Test func `Members are chosen by pattern and counted`() throws {
        let text = """
            SecRule REMOTE_ADDR "@geoLookup" "id:1,phase:1,pass,nolog"
            SecRule &GEO "@eq 8" "id:2,phase:1,pass,nolog,setvar:tx.all=1"
            SecRule &GEO:/^country_/ "@eq 3" "id:3,phase:1,pass,nolog,setvar:tx.some=1"
            SecRule TX:ALL "@eq 1" "id:4,phase:2,deny,chain,msg:'counted'"
                SecRule TX:SOME "@eq 1"
            """
        #expect(try message(text) == "counted")
    }

    @Test func `An unknown address, and one that is none, match nothing`() throws {
        let text = """
            SecRule REQUEST_HEADERS:Host "@geoLookup" "id:1,phase:1,deny,msg:'a name'"
            SecRule SERVER_PORT "@geoLookup" "id:2,phase:1,deny,msg:'a number'"
            SecRule &GEO "@gt 0" "id:3,phase:1,deny,msg:'GEO'"
            """
        #expect(try message(text) == nil)
    }

    @Test func `What one request found is not the next one's`() throws {
        let text = """
            SecGeoLookupDb places.mmdb
            SecRule &GEO "@gt 0" "id:1,phase:1,deny,msg:'left over'"
            SecRule REMOTE_ADDR "@geoLookup" "id:2,phase:1,pass,nolog"
            """
        let file = try folder.write(text, to: "rules.conf")
        let rules = try RuleSet.load([file])
        let transaction = Transaction(rules, workspace: Workspace(rules), mode: .on, uniqueID: "1")
        for _ in 0..<2 {
            transaction.setConnection(
                clientAddress: "192.0.2.9",
                clientPort: 1,
                serverAddress: "192.0.2.1",
                serverPort: 443
            )
            #expect(transaction.evaluateRequestHead() == nil)
            #expect(transaction.matchedIDs == [2])
            transaction.reset(mode: .on, uniqueID: "2")
        }
    }

    @Test func `A file that is no database is an error with its place`() throws {
        try folder.write("not a database", to: "text.mmdb")
        for name in ["text.mmdb", "missing.mmdb"] {
            let file = try folder.write("# first line\nSecGeoLookupDb \(name)\n", to: "rules.conf")
            let problem = #expect(throws: RuleSetError.self) { try RuleSet.load([file]) }?.problems
                .first
            #expect(problem?.code == "location-database")
            #expect(problem.map { "\($0)" }?.contains("rules.conf:2:16") == true)
        }
    }

    @Test func `Rules that ask without a database are told so`() throws {
        let text = "SecRule REMOTE_ADDR \"@geoLookup\" \"id:1,phase:1,deny\"\n"
        let rules = try RuleSet.load(text: text, name: "test.conf")
        #expect(rules.warnings.map(\.code) == ["location-database"])
        #expect(Exchange(rules, Request()).interruption == nil)
        let database = try LocationDatabase(path: folder.file("places.mmdb"))
        #expect(Workspace(rules, locations: database).locations != nil)
    }

    @Test func `Every cut and every changed byte of a file is survived`() throws {
        let whole = [UInt8](try Data(contentsOf: URL(filePath: folder.file("places.mmdb"))))
        var damaged = (0..<40).map { Array(whole.prefix(whole.count * $0 / 40)) }
        for position in stride(from: 0, to: whole.count, by: 7) {
            var bytes = whole
            bytes[position] ^= 0xA5
            damaged.append(bytes)
        }
        for bytes in damaged {
            try Data(bytes).write(to: URL(filePath: folder.file("damaged.mmdb")))
            guard let database = try? LocationDatabase(path: folder.file("damaged.mmdb")) else {
                continue
            }
            for low in [0xC000_0201, 0xC633_6401, 0xFFFF_FFFF] as [UInt64] {
                let location = database.location(high: 0, low: low, isIPv6: false)
                for field in Location.Field.allCases { _ = location?[field] }
            }
        }
    }
}
