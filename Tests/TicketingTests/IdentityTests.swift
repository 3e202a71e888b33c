import FoundationEssentials
import Support
import Testing
import Transport

@testable import Ticketing

struct IdentityTests {
    private static func register(_ fixture: ShopFixture) async throws {
        let address = try #require(EmailAddress("ana@example.com"))
        try await fixture.shop.accounts.register(
            Applicant(
                email: address,
                name: "Ana",
                password: ShopFixture.password
            )
        )
    }

    private static func login(_ fixture: ShopFixture, _ email: String, _ password: String)
        async throws -> Account
    {
        try await fixture.shop.accounts.authenticate(
            try #require(EmailAddress(email)),
            password: password
        )
    }

    @Test func `The right password opens, whatever the case of the address`() async throws {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        #expect(
            try await Self.login(fixture, "ANA@example.com", ShopFixture.password).name == "Ana"
        )
    }

    @Test(arguments: [
        ("ana@example.com", "wrong password"), ("nobody@example.com", "correct horse"),
        ("ana@example.com", ""),
    ])
    func `Every wrong attempt gets the same answer`(email: String, password: String) async throws {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        await #expect(throws: Problem.invalidCredentials) {
            try await Self.login(fixture, email, password)
        }
    }

    @Test func `Registering an address twice keeps the first password`() async throws {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        let address = try #require(EmailAddress("Ana@Example.com"))
        let isNew = try await fixture.shop.accounts.register(
            Applicant(
                email: address,
                name: "Eve",
                password: "another password"
            )
        )
        #expect(!isNew)
        #expect(
            try await Self.login(fixture, "ana@example.com", ShopFixture.password).name == "Ana"
        )
    }

    @Test func `Guessing closes the account, time and the right password open it`() async throws {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        for _ in 0..<5 { _ = try? await Self.login(fixture, "ana@example.com", "wrong password") }
        await #expect(throws: Problem.invalidCredentials) {
            try await Self.login(fixture, "ana@example.com", ShopFixture.password)
        }
        fixture.clock.advance(by: Span.second)
        #expect(
            try await Self.login(fixture, "ana@example.com", ShopFixture.password).failedLogins == 5
        )
        #expect(try await fixture.count("SELECT failed_logins FROM users") == 0)
    }

    @Test(arguments: Engine.tested)
    func `Guesses that run at once, at two processes, are not more than guesses one by one`(
        engine: Engine
    ) async throws {
        let fixture = try await ShopFixture(on: engine)
        let other = try fixture.otherProcess()
        try await Self.register(fixture)
        let address = try #require(EmailAddress("ana@example.com"))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                let shop = number.isMultiple(of: 2) ? fixture.shop : other
                group.addTask {
                    _ = try? await shop.accounts.authenticate(address, password: "guess \(number)")
                }
            }
        }
        // As many passwords were looked at as the account says; the others met a closed door.
        #expect(try await fixture.count("SELECT failed_logins FROM users") == 5)
        #expect(
            try await fixture.count("SELECT value FROM counters WHERE name = 'login.nobody'") == 55
        )
        try other.database.close()
    }

    @Test(arguments: Engine.tested)
    func `A password that nobody looked at, since too many waited, is no failure`(engine: Engine)
        async throws
    {
        let fixture = try await ShopFixture(on: engine)
        try await Self.register(fixture)
        let shop = fixture.shop
        let crowded = Accounts(
            database: shop.database,
            hasher: PasswordHasher(waitingLimit: 0),
            mint: shop.mint,
            clock: fixture.clock.wallClock,
            sessions: shop.sessions
        )
        let address = try #require(EmailAddress("ana@example.com"))
        for _ in 0..<9 {
            await #expect(throws: Problem.busy) {
                try await crowded.authenticate(address, password: ShopFixture.password)
            }
        }
        #expect(try await fixture.count("SELECT failed_logins FROM users") == 0)
        #expect(
            try await Self.login(fixture, "ana@example.com", ShopFixture.password).lockedUntil
                == nil
        )
    }

    @Test func `For a link that nobody was sent no password is hashed`() async throws {
        let fixture = try await ShopFixture()
        let shop = fixture.shop
        let crowded = Accounts(
            database: shop.database,
            hasher: PasswordHasher(waitingLimit: 0),
            mint: shop.mint,
            clock: shop.clock,
            sessions: shop.sessions
        )
        await #expect(throws: Problem.tokenInvalid) {
            try await crowded.reset(Token.secret(), password: ShopFixture.password)
        }
        withExtendedLifetime(fixture) {}
    }

    @Test func `Passwords are stored as Argon2id and nowhere else`() async throws {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        let phc = try await fixture.shop.database.read {
            try $0.first("SELECT password_phc FROM users") { try $0.text(0) }
        }
        #expect(phc?.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$") == true)
    }

    @Test func `More logins than may wait are turned away at once`() async throws {
        let hasher = PasswordHasher(
            parallelLimit: 1,
            waitingLimit: 3,
            cost: PasswordHasher.Cost(memoryKibibytes: 8192, passCount: 2)
        )
        // On a busy machine thirty may come one after the other, and none finds anybody before it.
        let deadline = Deadline(within: Patience.long)
        var outcomes: [Bool] = []
        repeat {
            outcomes += await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<30 { group.addTask { (try? await hasher.hash("a password")) != nil } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        } while !outcomes.contains(false) && !deadline.hasPassed
        #expect(outcomes.contains(true))
        #expect(outcomes.contains(false))
    }

    @Test func `However many strangers register, there are places for those who sign in`()
        async throws
    {
        let hasher = PasswordHasher(
            parallelLimit: 1,
            waitingLimit: 4,
            cost: PasswordHasher.Cost(memoryKibibytes: 8192, passCount: 2)
        )
        let deadline = Deadline(within: Patience.long)
        var wasFull = false
        repeat {
            wasFull = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<30 { group.addTask { (try? await hasher.hash("a password")) == nil } }
                for _ in 0..<3 {
                    group.addTask {
                        _ = try await hasher.isCorrect("a password", phc: nil)
                        return false
                    }
                }
                return try await group.reduce(false) { $0 || $1 }
            }
        } while !wasFull && !deadline.hasPassed
        #expect(wasFull)
    }

    @Test func `A session lives while it is used, ends when idle, and never outlives thirty days`()
        async throws
    {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        let user = try await Self.login(fixture, "ana@example.com", ShopFixture.password)
        let sessions = fixture.shop.sessions
        let token = try await sessions.begin(user).token
        for _ in 0..<59 {
            fixture.clock.advance(by: SessionStore.idleLimit - Span.minute)
            #expect(try await sessions.session(token: token) != nil)
        }
        fixture.clock.advance(by: SessionStore.idleLimit)
        #expect(try await sessions.session(token: token) == nil)
        let idle = try await sessions.begin(user).token
        fixture.clock.advance(by: SessionStore.idleLimit)
        #expect(try await sessions.session(token: idle) == nil)
        try await fixture.shop.purge.run()
        #expect(try await fixture.count("SELECT COUNT(*) FROM sessions") == 0)
    }

    @Test func `Signing in ends the session that was there before`() async throws {
        let fixture = try await ShopFixture()
        try await Self.register(fixture)
        let user = try await Self.login(fixture, "ana@example.com", ShopFixture.password)
        let planted = try await fixture.shop.sessions.begin(user).token
        let token = try await fixture.shop.sessions.begin(
            user,
            with: SessionStore.Luggage(session: Token.hash(planted))
        ).token
        #expect(try await fixture.shop.sessions.session(token: planted) == nil)
        #expect(try await fixture.shop.sessions.session(token: token)?.identity.userId == user.id)
        let stored = try await fixture.count(
            "SELECT COUNT(*) FROM sessions WHERE token_hash = '\(token)'"
        )
        #expect(stored == 0)
    }

    /// One thing wrong with an assertion.
    enum Flaw: String, CaseIterable, Sendable {
        case otherKey, algNone, algHS256, wrongIssuer, wrongAudience, expired, tooFarAhead,
            issuedLater, badRole,
            badSubject
        case badSession, critical, noSignature, padded, fourParts, tampered, notJSON, empty
    }

    private static func token(
        _ claims: [String: String],
        header: String = #"{"alg":"EdDSA","typ":"JWT"}"#,
        key: Ed25519PrivateKey
    ) throws -> String {
        let body = "{" + claims.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(body.utf8))
        return signed + "." + Base64URL.encode(try #require(key.sign(Array(signed.utf8))))
    }

    private static let now: Milliseconds = 1_800_000_000_000
    private static let session = Token.hash("session")
    private static let claims = [
        "iss": "\"haniel\"", "aud": "\"bookme\"", "sub": "\"42\"", "sid": "\"\(session)\"",
        "role": "\"admin\"",
        "iat": "1800000000", "exp": "1800000060",
    ]

    @Test func `A good assertion is an identity for a minute`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let assertion = Assertion(key: try Ed25519PublicKey(pem: key.publicPEM))
        let token = try Self.token(Self.claims, key: key)
        let identity = Identity(userId: 42, sessionId: Self.session, role: .admin)
        #expect(assertion.identity(from: token, at: Self.now) == identity)
        #expect(assertion.identity(from: token, at: Self.now + 64 * Span.second) == identity)
        #expect(assertion.identity(from: token, at: Self.now + 65 * Span.second) == nil)
    }

    @Test(arguments: Flaw.allCases)
    func `An assertion with anything wrong is nobody`(flaw: Flaw) throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let other = try #require(Ed25519PrivateKey.generate())
        let assertion = Assertion(key: try Ed25519PublicKey(pem: key.publicPEM))
        let good = try Self.token(Self.claims, key: key)
        func with(_ name: String, _ value: String) throws -> String {
            try Self.token(Self.claims.merging([name: value]) { $1 }, key: key)
        }
        let token =
            switch flaw {
            case .otherKey: try Self.token(Self.claims, key: other)
            case .algNone: try Self.token(Self.claims, header: #"{"alg":"none"}"#, key: key)
            case .algHS256: try Self.token(Self.claims, header: #"{"alg":"HS256"}"#, key: key)
            case .wrongIssuer: try with("iss", "\"someone\"")
            case .wrongAudience: try with("aud", "\"other\"")
            case .expired: try with("exp", "1799999995")
            case .tooFarAhead: try with("exp", "1800000066")
            case .issuedLater: try with("iat", "1800000006")
            case .badRole: try with("role", "\"root\"")
            case .badSubject: try with("sub", "\"42x\"")
            case .badSession: try with("sid", "\"short\"")
            case .critical:
                try Self.token(Self.claims, header: #"{"alg":"EdDSA","crit":["b64"]}"#, key: key)
            case .noSignature: good.split(separator: ".").dropLast().joined(separator: ".") + "."
            case .padded: good + "="
            case .fourParts: good + ".AA"
            case .tampered: good.replacing("e", with: "f", maxReplacements: 1)
            case .notJSON: "AAAA.AAAA.AAAA"
            case .empty: ""
            }
        #expect(assertion.identity(from: token, at: Self.now) == nil)
    }
}
