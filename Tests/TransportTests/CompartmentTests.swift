import Foundation
import Support
import Testing
import Transport

@Suite
struct CompartmentTests {
    @Test func `What is asked is done by one thread, which is not the asking one`() {
        let compartment = Compartment()
        let threads = (0..<3).map { _ in compartment.run { pthread_self() } }
        #expect(Set(threads).count == 1)
        #expect(threads.first != pthread_self())
    }

    @Test func `Several who ask at once each get their own answer`() async {
        let compartment = Compartment()
        let isRight = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 { group.addTask { compartment.run { number * 2 } == number * 2 } }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(isRight)
    }

    @Test func `Its thread ends with it`() {
        var compartment: Compartment? = Compartment()
        compartment?.run { try? Data("a compartment".utf8).write(to: Self.ownName) }
        #expect(Self.threadNames.contains("a compartment"))
        compartment = nil
        #expect(eventually { !Self.threadNames.contains("a compartment") })
    }

    /// Where the thread that opens it finds its name.
    private static let ownName = URL(fileURLWithPath: "/proc/thread-self/comm")

    /// What the threads of this process are called.
    private static var threadNames: Set<String> {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let names = tasks.compactMap {
            try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
        }
        return Set(names.map { $0.trimmingCharacters(in: .newlines) })
    }
}
