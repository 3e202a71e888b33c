import HTTP
import Testing

@testable import Gateway

@Suite struct TraceParentTests {
    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test(arguments: ["", "-later", "-what-comes-with-later-versions"])
    func `A traceparent names its trace, also one of a later version`(_ end: String) {
        let field = "00-\(Self.id)-00f067aa0ba902b7-01\(end)"
        #expect(TraceParent(.kept(field))?.traceID.string == Self.id)
    }

    @Test(arguments: [
        "", "00", "00-4bf9", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
    ])
    func `What is no traceparent names none`(_ field: String) {
        #expect(TraceParent(.kept(field)) == nil)
    }
}
