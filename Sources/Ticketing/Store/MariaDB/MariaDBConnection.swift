import CMariaDB

/// A connection to a server. It blocks, and belongs to the one thread that made it.
@safe final class MariaDBConnection: SQLEngine {
    /// What a connection is for.
    enum Purpose {
        /// Transactions that see what others committed meanwhile, as claims must.
        case write
        /// Transactions that see one moment.
        case read
    }

    private static let statementLimit = 256
    /// Statements longer than this are made for one batch and not kept prepared.
    private static let cachedBytesLimit = 2000

    private let handle: UnsafeMutablePointer<MYSQL>
    private var statements: [String: MariaDBStatement] = [:]
    private(set) var isInsideTransaction = false
    /// The server went away: the connection is good for nothing any more.
    private(set) var isLost = false

    var dialect: SQLDialect { .mariadb }

    /// Connects; throws `busy` if the server cannot be reached now, and says why in `outages`.
    init(_ address: MariaDBAddress, for purpose: Purpose, _ outages: OutageLog? = nil)
        throws(SQLError)
    {
        guard let handle = unsafe mysql_init(nil) else { throw .busy }
        unsafe self.handle = unsafe handle
        unsafe Self.setTimeouts(handle, address.waitSeconds)
        if let certificates = address.certificates {
            unsafe mysql_ssl_set(handle, nil, nil, certificates, nil, nil)
            var isVerified: my_bool = 1
            unsafe mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &isVerified)
        }
        let connected = unsafe mysql_real_connect(
            handle,
            address.socket == nil ? address.host : "localhost",
            address.user,
            address.password,
            address.database,
            address.port,
            address.socket,
            0
        )
        guard unsafe connected != nil else {
            outages?.note(
                unsafe String(cString: mysql_error(handle)),
                code: Int(unsafe mysql_errno(handle)),
                at: address.socket ?? address.host,
                port: address.socket == nil ? Int(address.port) : nil
            )
            throw failure()
        }
        try command("SET NAMES utf8mb4 COLLATE utf8mb4_bin")
        try command(
            """
            SET SESSION sql_mode = 'STRICT_ALL_TABLES', \
            innodb_lock_wait_timeout = \(address.waitSeconds)
            """
        )
        let level = purpose == .write ? "READ COMMITTED" : "REPEATABLE READ"
        try command("SET SESSION TRANSACTION ISOLATION LEVEL \(level)")
    }

    deinit {
        statements = [:]
        unsafe mysql_close(handle)
    }

    /// A server that is asked to wait for a lock needs more time than that to answer.
    private static func setTimeouts(_ handle: UnsafeMutablePointer<MYSQL>, _ waitSeconds: Int) {
        for (option, value) in [
            (MYSQL_OPT_CONNECT_TIMEOUT, waitSeconds + 1), (MYSQL_OPT_READ_TIMEOUT, waitSeconds + 8),
            (MYSQL_OPT_WRITE_TIMEOUT, waitSeconds + 8),
        ] {
            var seconds = UInt32(value)
            unsafe mysql_options(handle, option, &seconds)
        }
        unsafe mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    }

    /// Begins a transaction.
    func begin(_ purpose: Purpose) throws(SQLError) {
        try command(
            purpose == .write
                ? "START TRANSACTION" : "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
        )
        isInsideTransaction = true
    }

    /// Makes the transaction durable; throws `unknownOutcome` if the server went away meanwhile or could not.
    func commit() throws(SQLError) {
        guard isInsideTransaction else { throw .deadlock }
        isInsideTransaction = false
        do {
            try command("COMMIT")
        } catch {
            // Cut off, it may have been done as well as not.
            let isCutOff = [1317, 1969].contains(unsafe mysql_errno(handle))
            throw isLost || isCutOff ? .unknownOutcome : error.ofCommit
        }
    }

    /// Undoes the transaction, if it still stands.
    func rollBack() {
        isInsideTransaction = false
        if !isLost { try? command("ROLLBACK") }
    }

    func run(_ sql: String, _ cells: [SQLCell]) throws(SQLError) -> Int {
        if cells.isEmpty {
            try command(dialect.text(sql))
            return Int(truncatingIfNeeded: unsafe mysql_affected_rows(handle))
        }
        do throws(MariaDBStatement.Failure) {
            let result = try statement(sql).execute(cells)
            if result.warnings > 0, SQLDialect.skipsDuplicates(sql) { try checkWarnings() }
            return result.changed
        } catch {
            throw note(error)
        }
    }

    func query(_ sql: String, _ cells: [SQLCell], _ read: (SQLRow) throws -> Void) throws {
        do {
            try statement(sql).query(cells, read)
        } catch let error as MariaDBStatement.Failure {
            throw note(error)
        }
    }

    private func statement(_ sql: String) throws(MariaDBStatement.Failure) -> MariaDBStatement {
        if let known = statements[sql] { return known }
        let statement = try unsafe MariaDBStatement(dialect.text(sql), on: handle)
        guard sql.utf8.count <= Self.cachedBytesLimit else { return statement }
        if statements.count >= Self.statementLimit { statements = [:] }
        statements[sql] = statement
        return statement
    }

    /// `INSERT IGNORE` also turns other errors into warnings; only a taken key may be skipped.
    ///
    /// Asked for as text: preparing a statement would clear the list.
    private func checkWarnings() throws(MariaDBStatement.Failure) {
        guard unsafe mysql_query(handle, "SHOW WARNINGS") == 0,
            let result = unsafe mysql_store_result(handle)
        else { return }
        defer { unsafe mysql_free_result(result) }
        while let row = unsafe mysql_fetch_row(result), let text = unsafe row[1] {
            let code = UInt32(unsafe String(cString: text)) ?? 0
            if code != 1062 {
                throw MariaDBStatement.Failure(code: code, message: "refused with a warning")
            }
        }
    }

    /// Runs a statement without values.
    private func command(_ sql: String) throws(SQLError) {
        var text = sql
        let status = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe mysql_real_query(handle, characters.baseAddress, UInt(characters.count))
            }
        }
        guard status == 0 else { throw failure() }
        if let result = unsafe mysql_store_result(handle) { unsafe mysql_free_result(result) }
    }

    private func failure() -> SQLError {
        note(
            MariaDBStatement.Failure(
                code: unsafe mysql_errno(handle),
                message: unsafe String(cString: mysql_error(handle))
            )
        )
    }

    /// The server's error in our words, and what it means for the transaction and the connection.
    private func note(_ failure: MariaDBStatement.Failure) -> SQLError {
        switch failure.code {
        case 1062, 1586: return .unique
        case 4025, 3819, 1048, 1364, 1451, 1452: return .check
        case 1264, 1265, 1366, 1406: return .data("\(failure.code) \(failure.message)")
        // Waited too long, was cut off, met a table that was just altered, or a node that is not ready.
        case 1205, 1317, 1969, 1412, 1615, 1047: return .busy
        case 1213:
            isInsideTransaction = false
            return .deadlock
        case 1050, 1051, 1054, 1060, 1061, 1091, 1146: return .definition
        // The client's own errors, a server that shuts down, kills us, or has no room.
        case 2000...2099, 1053, 1077, 1079, 1080, 1927, 1040, 1129, 1203, 1226:
            isLost = true
            isInsideTransaction = false
            return .busy
        default: return .other("\(failure.code) \(failure.message)")
        }
    }
}
