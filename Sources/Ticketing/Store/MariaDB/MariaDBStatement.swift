import CMariaDB

/// A prepared statement with the buffers that its results are fetched into.
///
/// Used by the one thread that owns the connection, and freed with it.
@safe final class MariaDBStatement {
    /// Texts up to this length are fetched in one step; longer ones in a second.
    private static let textBytes = 256

    /// What the server said, to be put into our words by the connection.
    struct Failure: Error {
        let code: UInt32
        let message: String
    }

    private let statement: UnsafeMutablePointer<MYSQL_STMT>
    private let parameterCount: Int
    private let columnCount: Int
    private let isInteger: [Bool]
    private let results: UnsafeMutablePointer<MYSQL_BIND>
    private let buffers: UnsafeMutablePointer<UInt8>
    private let lengths: UnsafeMutablePointer<UInt>
    private let nulls: UnsafeMutablePointer<my_bool>

    /// Prepares `sql` on a connection.
    init(_ sql: String, on handle: UnsafeMutablePointer<MYSQL>) throws(Failure) {
        guard let statement = unsafe mysql_stmt_init(handle) else {
            throw Failure(code: 2008, message: "out of memory")
        }
        unsafe self.statement = unsafe statement
        var text = sql
        let status = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe mysql_stmt_prepare(
                    statement,
                    characters.baseAddress,
                    UInt(characters.count)
                )
            }
        }
        let failure = status == 0 ? nil : unsafe Self.failure(of: statement)
        parameterCount = failure == nil ? Int(unsafe mysql_stmt_param_count(statement)) : 0
        isInteger = failure == nil ? unsafe Self.integerColumns(of: statement) : []
        columnCount = isInteger.count
        unsafe results = .allocate(capacity: max(1, columnCount))
        unsafe buffers = .allocate(capacity: max(1, columnCount) * Self.textBytes)
        unsafe lengths = .allocate(capacity: max(1, columnCount))
        unsafe nulls = .allocate(capacity: max(1, columnCount))
        unsafe results.initialize(repeating: MYSQL_BIND(), count: max(1, columnCount))
        unsafe buffers.initialize(repeating: 0, count: max(1, columnCount) * Self.textBytes)
        unsafe lengths.initialize(repeating: 0, count: max(1, columnCount))
        unsafe nulls.initialize(repeating: 0, count: max(1, columnCount))
        if let failure { throw failure }
        describeResults()
    }

    deinit {
        unsafe mysql_stmt_close(statement)
        unsafe results.deallocate()
        unsafe buffers.deallocate()
        unsafe lengths.deallocate()
        unsafe nulls.deallocate()
    }

    /// Which columns are numbers; sums come as decimals and are whole numbers here.
    private static func integerColumns(of statement: UnsafeMutablePointer<MYSQL_STMT>) -> [Bool] {
        guard let metadata = unsafe mysql_stmt_result_metadata(statement) else { return [] }
        defer { unsafe mysql_free_result(metadata) }
        let count = Int(unsafe mysql_num_fields(metadata))
        guard count > 0, let fields = unsafe mysql_fetch_fields(metadata) else { return [] }
        let numbers = [
            MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG,
            MYSQL_TYPE_INT24, MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DECIMAL,
        ].map(\.rawValue)
        return (0..<count).map { unsafe numbers.contains(fields[$0].type.rawValue) }
    }

    private func describeResults() {
        for column in 0..<columnCount {
            let isInteger = isInteger[column]
            unsafe results[column].buffer_type =
                isInteger ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING
            unsafe results[column].buffer = UnsafeMutableRawPointer(
                buffers + column * Self.textBytes
            )
            unsafe results[column].buffer_length = UInt(isInteger ? 8 : Self.textBytes)
            unsafe results[column].length = unsafe lengths + column
            unsafe results[column].is_null = unsafe nulls + column
        }
    }

    /// Runs the statement; returns how many rows changed and how many warnings came up.
    func execute(_ cells: [SQLCell]) throws(Failure) -> (changed: Int, warnings: Int) {
        guard cells.count == parameterCount else {
            throw Failure(code: 2031, message: "\(cells.count) values for \(parameterCount) marks")
        }
        let arena = MariaDBParameters(cells)
        guard unsafe cells.isEmpty || mysql_stmt_bind_param(statement, arena.binds) == 0,
            unsafe mysql_stmt_execute(statement) == 0
        else { throw unsafe Self.failure(of: statement) }
        withExtendedLifetime(arena) {}
        let changed = unsafe mysql_stmt_affected_rows(statement)
        let warnings = unsafe mysql_stmt_warning_count(statement)
        return (Int(truncatingIfNeeded: changed), Int(warnings))
    }

    /// Runs a query and hands over its rows, which have all arrived before the first one is read.
    func query(_ cells: [SQLCell], _ read: (SQLRow) throws -> Void) throws {
        _ = try execute(cells)
        guard columnCount > 0 else { return }
        defer { unsafe mysql_stmt_free_result(statement) }
        // A lock that could not be had may be reported here and not by the execution.
        guard unsafe mysql_stmt_bind_result(statement, results) == 0,
            unsafe mysql_stmt_store_result(statement) == 0
        else { throw unsafe Self.failure(of: statement) }
        while true {
            switch unsafe mysql_stmt_fetch(statement) {
            case 0, MYSQL_DATA_TRUNCATED: try read(SQLRow(cells: try row()))
            case MYSQL_NO_DATA: return
            default: throw unsafe Self.failure(of: statement)
            }
        }
    }

    private func row() throws(Failure) -> [SQLCell] {
        var cells: [SQLCell] = []
        cells.reserveCapacity(columnCount)
        for column in 0..<columnCount { cells.append(try cell(column)) }
        return cells
    }

    private func cell(_ column: Int) throws(Failure) -> SQLCell {
        if unsafe nulls[column] != 0 { return .null }
        let start = unsafe buffers + column * Self.textBytes
        if isInteger[column] {
            let raw = UnsafeRawPointer(start)
            return .integer(unsafe raw.loadUnaligned(as: Int64.self))
        }
        let length = Int(unsafe lengths[column])
        if length <= Self.textBytes {
            let bytes = unsafe UnsafeBufferPointer(start: start, count: length)
            return .text(unsafe String(decoding: bytes, as: UTF8.self))
        }
        return .text(try longText(column, length))
    }

    private func longText(_ column: Int, _ length: Int) throws(Failure) -> String {
        var bytes = [UInt8](repeating: 0, count: length)
        var bind = unsafe MYSQL_BIND()
        var received: UInt = 0
        let status = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe withUnsafeMutablePointer(to: &received) { pointer in
                unsafe bind.buffer_type = MYSQL_TYPE_STRING
                unsafe bind.buffer = buffer.baseAddress
                unsafe bind.buffer_length = UInt(length)
                unsafe bind.length = unsafe pointer
                return unsafe mysql_stmt_fetch_column(statement, &bind, UInt32(column), 0)
            }
        }
        guard status == 0 else { throw unsafe Self.failure(of: statement) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(of statement: UnsafeMutablePointer<MYSQL_STMT>) -> Failure {
        Failure(
            code: unsafe mysql_stmt_errno(statement),
            message: unsafe String(cString: mysql_stmt_error(statement))
        )
    }
}

/// The values of one execution, laid out for the library; they stay put until it has sent them.
@safe final class MariaDBParameters {
    let binds: UnsafeMutablePointer<MYSQL_BIND>
    private let bytes: UnsafeMutableRawPointer
    private let lengths: UnsafeMutablePointer<UInt>

    init(_ cells: [SQLCell]) {
        let sizes = cells.map { cell in
            switch cell {
            case .null: 0
            case .integer: 8
            case .text(let text): text.utf8.count
            }
        }
        unsafe binds = .allocate(capacity: max(1, cells.count))
        unsafe binds.initialize(repeating: MYSQL_BIND(), count: max(1, cells.count))
        unsafe lengths = .allocate(capacity: max(1, cells.count))
        unsafe bytes = .allocate(byteCount: max(1, sizes.reduce(0, +)), alignment: 8)
        var place = unsafe bytes
        for (index, cell) in cells.enumerated() {
            unsafe (lengths + index).initialize(to: UInt(sizes[index]))
            unsafe binds[index].buffer = unsafe place
            unsafe binds[index].buffer_length = UInt(sizes[index])
            unsafe binds[index].length = unsafe lengths + index
            switch cell {
            case .null: unsafe binds[index].buffer_type = MYSQL_TYPE_NULL
            case .integer(let integer):
                unsafe binds[index].buffer_type = MYSQL_TYPE_LONGLONG
                unsafe place.storeBytes(of: integer, as: Int64.self)
            case .text(let text):
                unsafe binds[index].buffer_type = MYSQL_TYPE_STRING
                let target = unsafe UnsafeMutableRawBufferPointer(start: place, count: sizes[index])
                unsafe target.copyBytes(from: text.utf8)
            }
            unsafe place += sizes[index]
        }
    }

    deinit {
        unsafe binds.deallocate()
        unsafe bytes.deallocate()
        unsafe lengths.deallocate()
    }
}
