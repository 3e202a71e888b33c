import CArgon2
import Dispatch
import Synchronization
import Transport

/// Argon2id on threads of its own, a few at a time: a login is the dearest request a stranger can send.
final class PasswordHasher: Sendable {
    /// What one hash costs.
    struct Cost: Sendable {
        var memoryKibibytes: UInt32 = 19_456
        var passCount: UInt32 = 2
    }

    private struct Waiting {
        var count = 0
        /// Those among them that are no logins.
        var newcomerCount = 0
        var turn = 0
    }

    private static let saltBytes = 16
    private static let hashBytes = 32

    /// One queue for each slot: a queue runs one thing at a time, and nobody blocks a thread while waiting.
    private let queues: [DispatchQueue]
    private let waitingLimit: Int
    private let waiting = Mutex(Waiting())
    private let cost: Cost
    /// What a password is compared with when there is no account, so that both take equally long.
    private let decoy: String

    /// Hashes at most `parallelLimit` passwords at once and lets `waitingLimit` requests wait, of which a
    /// quarter may be there for a new password: however many strangers register, customers sign in.
    init(parallelLimit: Int = 2, waitingLimit: Int = 64, cost: Cost = Cost()) {
        queues = (0..<max(1, parallelLimit)).map { DispatchQueue(label: "bookme.passwords.\($0)") }
        self.waitingLimit = waitingLimit
        self.cost = cost
        let salt = Digest.randomBytes(Self.saltBytes)
        decoy = Self.encode(Array(Token.secret().utf8), salt, cost) ?? ""
    }

    /// The PHC string of a password. Throws `busy` when too many wait.
    func hash(_ password: String) async throws -> String {
        try await hash(password, salt: Digest.randomBytes(Self.saltBytes))
    }

    /// What is the same for the same password and salt, and as dear to guess the password from as a hash of it.
    func print(of password: String, salt: [UInt8]) async throws -> [UInt8] {
        Array(try await hash(password, salt: salt).utf8)
    }

    private func hash(_ password: String, salt: [UInt8]) async throws -> String {
        let cost = cost
        let phc = try await onOwnThread(isLogin: false) {
            Self.encode(Array(password.utf8), salt, cost)
        }
        guard let phc else { throw Problem.internalError }
        return phc
    }

    /// Whether the password is the one behind `phc`; with nil it takes as long and says no. Throws `busy`.
    func isCorrect(_ password: String, phc: String?) async throws -> Bool {
        let encoded = phc ?? decoy
        let matches = try await onOwnThread(isLogin: true) {
            Self.verify(encoded, Array(password.utf8))
        }
        return matches && phc != nil
    }

    private func onOwnThread<Value: Sendable>(
        isLogin: Bool,
        _ work: @escaping @Sendable () -> Value
    ) async throws -> Value {
        guard let queue = enter(isLogin: isLogin) else { throw Problem.busy }
        defer { leave(isLogin: isLogin) }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    private func enter(isLogin: Bool) -> DispatchQueue? {
        waiting.withLock { waiting in
            guard waiting.count < waitingLimit,
                isLogin || waiting.newcomerCount < (waitingLimit + 3) / 4
            else { return nil }
            waiting.count += 1
            if !isLogin { waiting.newcomerCount += 1 }
            waiting.turn = (waiting.turn + 1) % queues.count
            return queues[waiting.turn]
        }
    }

    private func leave(isLogin: Bool) {
        waiting.withLock { waiting in
            waiting.count -= 1
            if !isLogin { waiting.newcomerCount -= 1 }
        }
    }

    private static func encode(_ password: [UInt8], _ salt: [UInt8], _ cost: Cost) -> String? {
        var encoded = [CChar](repeating: 0, count: 256)
        let result = unsafe argon2id_hash_encoded(
            cost.passCount,
            cost.memoryKibibytes,
            1,
            password,
            password.count,
            salt,
            salt.count,
            hashBytes,
            &encoded,
            encoded.count
        )
        guard result == ARGON2_OK.rawValue else { return nil }
        return String(
            decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    private static func verify(_ encoded: String, _ password: [UInt8]) -> Bool {
        unsafe argon2id_verify(encoded, password, password.count) == ARGON2_OK.rawValue
    }
}
