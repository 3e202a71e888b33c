import Rules
import Support
import Testing

@testable import Gateway

@Suite struct RuleCompilerTests {
    @Test func `A set is made beside the one in force, also after one that never came into force`()
        throws
    {
        let folder = try TemporaryFolder()
        let file = try folder.write(#"SecAction "id:1,phase:1,pass""#, to: "a.conf")
        let compiler = RuleCompiler()
        #expect(compiler.isFirstFree(besides: nil))
        let inForce = try compiler.load([file], besides: nil)
        #expect(!compiler.isFirstFree(besides: inForce))
        _ = try compiler.load([file], besides: inForce)
        #expect(
            !compiler.isFirstFree(besides: inForce),
            "the other came with a refused configuration"
        )
        let next = try compiler.load([file], besides: inForce)
        #expect(compiler.isFirstFree(besides: next))
        let third = try compiler.load([file], besides: next)
        #expect(!compiler.isFirstFree(besides: third))
    }

    @Test func `A set that does not compile leaves the turns alone`() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write(#"SecAction "id:1,phase:1,pass""#, to: "good.conf")
        let bad = try folder.write("SecRole ARGS x", to: "bad.conf")
        let compiler = RuleCompiler()
        let inForce = try compiler.load([good], besides: nil)
        #expect(throws: RuleSetError.self) { try compiler.load([bad], besides: inForce) }
        #expect(!compiler.isFirstFree(besides: inForce))
    }
}
