import HTTP
import Testing

@testable import Gateway

@Suite struct CacheControlTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let lines: [String]
        var directives: CacheControl.Directives = []
        var maxAge = CacheControl.Seconds.absent
        var sharedMaxAge = CacheControl.Seconds.absent

        var testDescription: String { lines.joined(separator: " | ") }
    }

    static let rows: [Row] = [
        Row(lines: [""]),
        Row(lines: ["max-age=60"], maxAge: .value(60)),
        Row(lines: ["MAX-AGE=60"], maxAge: .value(60)),
        Row(lines: ["max-age=\"60\""], maxAge: .value(60)),
        Row(
            lines: ["public,max-age=9,s-maxage=5"],
            directives: .isPublic,
            maxAge: .value(9),
            sharedMaxAge: .value(5)
        ),
        Row(lines: [" , public ,, s-maxage=5 ,"], directives: .isPublic, sharedMaxAge: .value(5)),
        Row(lines: ["max-age=0"], maxAge: .value(0)),
        Row(lines: ["max-age=007"], maxAge: .value(7)),
        Row(lines: ["max-age"], maxAge: .invalid),
        Row(lines: ["max-age="], maxAge: .invalid),
        Row(lines: ["max-age=\"60"], maxAge: .invalid),
        Row(lines: ["max-age=-1"], maxAge: .invalid),
        Row(lines: ["max-age=+1"], maxAge: .invalid),
        Row(lines: ["max-age=1.5"], maxAge: .invalid),
        Row(lines: ["max-age =60"], maxAge: .invalid),
        Row(lines: ["max-age= 60"], maxAge: .invalid),
        Row(lines: ["max-age='60'"], maxAge: .invalid),
        Row(lines: ["max-age=60;s-maxage=5"], maxAge: .invalid),
        Row(lines: ["max-age=2147483649"], maxAge: .value(1 << 31)),
        Row(lines: ["max-age=99999999999999999999999999999999"], maxAge: .value(1 << 31)),
        Row(lines: ["max-age=60", "max-age=60"], maxAge: .value(60)),
        Row(lines: ["max-age=60", "max-age=0"], maxAge: .invalid),
        Row(lines: ["max-age=60, max-age=61, max-age=61"], maxAge: .invalid),
        Row(lines: ["no-store"], directives: .noStore),
        Row(lines: ["No-Store, max-age=60"], directives: .noStore, maxAge: .value(60)),
        Row(lines: ["no-store=garbage"], directives: .noStore),
        Row(lines: ["no-store garbage"], directives: .noStore),
        Row(lines: ["public", "private"], directives: [.isPublic, .isPrivate]),
        Row(
            lines: ["private=\"set-cookie, x\", max-age=9"],
            directives: .isPrivate,
            maxAge: .value(9)
        ),
        Row(lines: ["no-cache=\"x\""], directives: .noCache),
        Row(lines: ["must-revalidate, proxy-revalidate"], directives: .mustRevalidate),
        Row(lines: ["extension=\"no-store, max-age=1\", max-age=60"], maxAge: .value(60)),
        Row(lines: ["extension=\"a\\\", no-store\", max-age=60"], maxAge: .value(60)),
        Row(lines: ["nostore, xprivate, publicx"]),
    ]

    @Test(arguments: rows)
    func `Directives are read as RFC 9111 section 5.2 writes them`(row: Row) {
        var control = CacheControl()
        for line in row.lines { viewing(line) { control.add(line: $0) } }
        #expect(control.directives == row.directives)
        #expect(control.maxAge == row.maxAge)
        #expect(control.sharedMaxAge == row.sharedMaxAge)
    }
}
