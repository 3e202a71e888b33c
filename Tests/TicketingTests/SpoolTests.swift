import ArgumentParser
import Foundation
import Support
import Testing

@testable import Ticketing

struct SpoolTests {
    /// No folder can be made in the first, no file in the second, whoever we are.
    @Test(
        .enabled(if: Product.bookme.path != nil, "this build made no bookme"),
        arguments: ["/proc/mail", "/proc"]
    )
    func `A service that cannot put its mails anywhere does not start, and says what helps`(
        spool: String
    ) throws {
        let folder = try TemporaryFolder()
        let ending = try Tool.run(
            try #require(Product.bookme.path),
            [
                "serve", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0",
                "--database", folder.file("shop.sqlite"), "--mail-spool", spool,
            ],
            within: .seconds(60)
        )
        #expect(ending.status != 0)
        for words in [spool, "--mail-spool", "BMH_SMTP_URL"] {
            #expect(ending.text.contains(words))
        }
    }

    @Test func `A folder is made and tried, and nothing is left in it`() throws {
        let folder = try TemporaryFolder().file("a/mail")
        try MailSpool(folder: folder).prepare()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func `Before a service starts it is told where mails cannot go, and no folder is made`()
        throws
    {
        let folder = try TemporaryFolder().file("a")
        try MailSpool(folder: folder + "/mail").check()
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(throws: MailSpool.Unusable.self) { try MailSpool(folder: "/dev/null/mail").check() }
    }

    @Test func `A database file that cannot be made is told with its path and what helps`() throws {
        let folder = try TemporaryFolder()
        #expect(DatabaseOptions.problem(with: folder.file("shop.db")) == nil)
        #expect(DatabaseOptions.problem(with: "mysql://shop@nowhere/shop") == nil)
        let options = try DatabaseOptions.parse(["--database", "/nowhere/shop.db"])
        #expect {
            try options.open()
        } throws: { error in
            ["/nowhere/shop.db", "No such file", "BMH_DATABASE"].allSatisfy("\(error)".contains)
        }
    }

    @Test func `Who sends no mails needs no folder`() throws {
        var settings = Shop.Settings()
        settings.mailSpool = "/proc/mail"
        settings.roles = [.web, .seats]
        try settings.prepareSpool()
        settings.roles = [.worker]
        #expect(throws: MailSpool.Unusable.self) { try settings.prepareSpool() }
        settings.mailRelay = SMTPTransport.Relay(url: "smtp://relay:587")
        try settings.prepareSpool()
    }
}
