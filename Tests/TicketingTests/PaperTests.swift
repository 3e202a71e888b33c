import Foundation
import Support
import Testing

@testable import Ticketing

struct PaperTests {
    @Test func `Only so many orders wait to be drawn`() async throws {
        let press = TicketPress()
        let obstacle = await Obstacle(on: press.thread)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { obstacle.open() }
            for order in 0..<Int64(TicketPress.waitingLimit) {
                group.addTask { try await press.run(order: order) { [] } != nil }
            }
            try #require(await soon { press.thread.waitingCount == TicketPress.waitingLimit })
            await #expect(throws: Problem.busy) { try await press.run(order: 99) { [] } }
            try await obstacle.clear()
            for try await isDrawn in group { #expect(isDrawn) }
        }
        #expect(try await press.run(order: 99) { [7] } == [7])
    }

    /// Whoever fetches tickets, however often, costs the others nothing but their turn.
    @Test func `While tickets wait to be drawn others are served`()
        async throws
    {
        try await RunningShop.run { shop in
            let fixture = shop.fixture
            let token = Token.secret()
            let guest = Visitor(cartHash: Token.hash(token))
            let order = try await fixture.order(try await fixture.hold([0], for: guest), for: guest)
            try await fixture.shop.till.pay(try await fixture.startPayment(order), with: .accepted)
            let path = "/api/v1/orders/\(order.code)/tickets.pdf"
            let cart = ["cookie": "\(ShopCookie.cart.rawValue)=\(token)"]
            let press = fixture.shop.press.thread
            let obstacle = await Obstacle(on: press)
            try await withThrowingTaskGroup(of: Int.self) { group in
                defer { obstacle.open() }
                for _ in 0...TicketPress.waitingLimit {
                    group.addTask { try await shop.client.get(path, cart).status }
                }
                try #require(await soon { press.waitingCount == 1 })
                #expect(try await shop.client.get("/api/v1/events/evening").status == 200)
                try await obstacle.clear()
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    private static func page(
        _ holder: String,
        title: String = "Evening",
        code: String = "BMH1.ABC"
    ) -> TicketPDF.Page {
        TicketPDF.Page(
            title: title,
            when: "Sat 5 December 2026, 20:00",
            venue: "House, Porto",
            place: "Stalls, row A, seat 1",
            price: "47.50 €",
            holder: holder,
            serial: "SERIAL",
            order: "ABCDEFGHJK",
            code: code
        )
    }

    /// U+FFFE, which is no character and never will be.
    private static let noCharacter = String(decoding: [0xEF, 0xBF, 0xBE], as: UTF8.self)

    static let names = [
        "Ana\0Evil", "\u{1B}[31mAna\u{7}", noCharacter, "\u{202E}anA", "\u{E000}",
        String(repeating: "W", count: 120), String(repeating: "\u{301}", count: 60), "שלום עולם",
        "مرحبا", "王芳", "🎭👩‍👩‍👧‍👦", " ", "",
    ]

    @Test(arguments: names)
    func `A ticket is drawn whatever its holder is called`(name: String) throws {
        let document = try #require(
            TicketPDF.document([Self.page(name), Self.page("Bea", title: name)])
        )
        #expect(document.starts(with: Array("%PDF-".utf8)))
        guard Tool.exists("pdftotext") else { return }
        let folder = try TemporaryFolder()
        try Data(document).write(to: URL(filePath: folder.file("tickets.pdf")))
        let text = try Tool.run("pdftotext", [folder.file("tickets.pdf"), "-"])
        #expect(text.status == 0)
        #expect(text.text.components(separatedBy: "ABCDEFGHJK").count == 3)
        #expect(text.text.contains("Bea"))
    }

    @Test func `Tickets of which one would lack its code are no document`() {
        let tooLong = Self.page("Ana", code: String(repeating: "A", count: 5000))
        #expect(TicketPDF.document([Self.page("Bea"), tooLong]) == nil)
    }

    @Test(
        .enabled(if: Tool.exists("pdftotext")),
        arguments: [
            "שלום עולם", "محمد العربي", "王芳", "佐藤さくら", "김민수", "Łukasz Ångström", "Ελένη", "Юлия",
        ]
    )
    func `A name in any script can be read back from the page, from its first letter to its last`(
        name: String
    ) throws {
        let document = try #require(TicketPDF.document([Self.page(name)]))
        let folder = try TemporaryFolder()
        try Data(document).write(to: URL(filePath: folder.file("tickets.pdf")))
        let text = try Tool.run("pdftotext", [folder.file("tickets.pdf"), "-"]).text
        // What pdftotext adds to say which way a line runs.
        let words = text.unicodeScalars.filter { $0.properties.generalCategory != .format }
        #expect(String(String.UnicodeScalarView(words)).contains(name))
    }

    @Test(.enabled(if: Tool.exists("pdftoppm") && Tool.exists("zbarimg")))
    func `A scanner reads the code from the page`() throws {
        let folder = try TemporaryFolder()
        let code = "BMH1." + String(repeating: "A1:", count: 40)
        let document = try #require(TicketPDF.document([Self.page("Ana", code: code)]))
        try Data(document).write(to: URL(filePath: folder.file("ticket.pdf")))
        let arguments = ["-r", "100", "-gray", "-singlefile", folder.file("ticket.pdf")]
        #expect(try Tool.run("pdftoppm", arguments + [folder.file("ticket")]).status == 0)
        let read = try Tool.run("zbarimg", ["-q", "--raw", folder.file("ticket.pgm")])
        // Beside what the machine lacks for its desktop.
        #expect(read.text.split(separator: "\n").contains(Substring(code)))
    }

    /// Letters that join look different from the same letters kept apart by a mark that nobody sees.
    @Test(.enabled(if: Tool.exists("pdftoppm")), arguments: [("محمد", true), ("שלום", false)])
    func `Letters are joined where their script joins them`(name: String, areJoined: Bool) throws {
        let folder = try TemporaryFolder()
        let apart = name.unicodeScalars.map(String.init).joined(separator: "\u{200C}")
        let pictures = try [name, apart].map { holder in
            let document = try #require(TicketPDF.document([Self.page(holder)]))
            try Data(document).write(to: URL(filePath: folder.file("ticket.pdf")))
            let arguments = ["-r", "100", "-gray", "-singlefile", folder.file("ticket.pdf")]
            let done = try Tool.run("pdftoppm", arguments + [folder.file("ticket")])
            try #require(done.status == 0)
            return try Data(contentsOf: URL(filePath: folder.file("ticket.pgm")))
        }
        #expect((pictures[0] != pictures[1]) == areJoined)
    }

    @Test(arguments: [
        ("a\0b", "a b"), ("a\u{202E}b", "ab"), (noCharacter, "\u{FFFD}"), ("e\u{301}", "e\u{301}"),
        ("👩‍👧", "👩‍👧"),
    ])
    func `What no page shows is left out`(text: String, printed: String) {
        #expect(TicketPDF.printable(text).unicodeScalars.elementsEqual(printed.unicodeScalars))
    }

    @Test(arguments: [
        "\"\u{301} onfocus=x", "'\u{20E3}", "<\u{FE0F}b", "&\u{200D}amp;", ">\u{302}",
    ])
    func `Pages escape marks that an accent follows, too`(text: String) throws {
        let html = try Pages().render("login", ["email": text])
        #expect(html.contains(#"value="\#(Markup.escape(text))""#))
        #expect(!html.unicodeScalars.elementsEqual(text.unicodeScalars))
        let raw = Array(text.utf8)
        #expect(!Array(html.utf8).contains(raw), "\(text)")
    }

    @Test func `An entry for a calendar is as many lines as it should be`() async throws {
        let fixture = try await ShopFixture()
        let order = try await fixture.order(try await fixture.hold([0]))
        try await fixture.shop.database.write {
            try $0.run("UPDATE events SET title = ?", ["A,\u{301} B;\r\nATTENDEE:x\u{0}"])
        }
        fixture.clock.advance(by: 2 * Span.second)
        let listing = try await fixture.listing()
        let calendar = TicketPapers(order: order, tickets: [], listing: listing).calendar
        #expect(calendar.contains("SUMMARY:A\\,\u{301} B\\;\\nATTENDEE:x"))
        #expect(!calendar.utf8.contains(0))
    }
}
