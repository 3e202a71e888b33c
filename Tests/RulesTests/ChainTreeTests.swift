import Testing

@testable import Rules

@Suite struct ChainTreeTests {
    private var chains = TransformationChains()

    private mutating func tree(_ lists: [Transformation]...) -> ChainTree {
        let indices = lists.map { chains.index(of: $0) }
        return ChainTree(indices, chains)
    }

    @Test mutating func `Chains that begin alike share their steps`() {
        let tree = tree(
            [.urlDecodeUni, .jsDecode],
            [.urlDecodeUni],
            [.urlDecodeUni, .removeNulls],
            [.jsDecode]
        )
        #expect(tree.steps.map(\.depth) == [0, 0, 1, 1])
        #expect(tree.steps.map(\.isEnd) == [true, true, true, true])
        #expect(tree.steps.map(\.next) == [1, 4, 3, 4])
        #expect(tree.depth == 2 && !tree.includesRoot)
    }

    @Test mutating func `The chain without steps is told apart`() {
        #expect(tree([]).includesRoot && tree([]).steps.isEmpty && !tree([]).isEmpty)
        #expect(tree().isEmpty)
    }

    /// What is pruned must not change anything further on.
    @Test mutating func `A step knows what the steps behind it change`() {
        let tree = tree([.urlDecodeUni, .base64Decode, .removeNulls])
        let nul = ByteKinds(of: 0)
        #expect(tree.steps.map(\.isActive) == [false, true, true])
        #expect(tree.steps.map { $0.kindsFromHere == .all } == [true, true, false])
        #expect(tree.steps.allSatisfy { $0.visibleKinds == .all })
        #expect(tree.steps.last?.kindsFromHere.intersects(nul) == true)
    }
}
