import Glibc
import Transport

/// How much of the memory that the process may use it does use.
struct MemoryUse: Sendable {
    /// What the process may use.
    let limitBytes: Int

    /// - Parameter limitBytes: what the configuration allows; nil for what the system does.
    init(limitBytes: Int?) {
        self.limitBytes = limitBytes ?? Self.systemLimitBytes
    }

    /// Memory in use, in thousandths of the limit.
    var permille: Int {
        guard let text = TextFile.read("/proc/self/statm") else { return 0 }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return 0 }
        let pageBytes = max(1, sysconf(Int32(_SC_PAGESIZE)))
        let used = pages.multipliedReportingOverflow(by: pageBytes).partialValue
        return used / max(1, limitBytes / 1000)
    }

    /// The control group's limit where there is one, else the machine's memory.
    private static var systemLimitBytes: Int {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        let machine = max(1 << 26, pages.multipliedReportingOverflow(by: pageBytes).partialValue)
        let files = [
            "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        ]
        let limits = files.compactMap { file in
            TextFile.read(file).flatMap { Int($0.prefix { $0 != "\n" }) }
        }
        return min(machine, limits.filter { $0 > 0 }.min() ?? machine)
    }

    /// Gives memory that the allocator keeps back to the system.
    static func trim() { BufferPool.trimAllocator() }

    /// Arranges the memory of a process that reloads. To be called first.
    static func arrange() { BufferPool.keepLargeBlocksApart() }
}
