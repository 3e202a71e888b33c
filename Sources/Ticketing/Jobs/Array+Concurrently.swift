extension Array where Element: Sendable {
    /// Runs `body` for all elements, at most `limit` at a time, and returns for how many it says yes.
    ///
    /// What has begun is brought to its end even if another one throws; what has not is left alone then.
    func countConcurrently(
        limit: Int,
        where body: @escaping @Sendable (Element) async throws -> Bool
    ) async throws -> Int {
        let outcome = await withTaskGroup(of: Result<Bool, any Error>.self) { group in
            var rest = self[...]
            var begun = 0
            var count = 0
            var failure: (any Error)?
            while true {
                while begun < limit, failure == nil, let element = rest.popFirst() {
                    begun += 1
                    group.addTask {
                        do { return .success(try await body(element)) } catch {
                            return .failure(error)
                        }
                    }
                }
                guard let result = await group.next() else { break }
                begun -= 1
                switch result {
                case .success(let isCounted): if isCounted { count += 1 }
                case .failure(let error): failure = failure ?? error
                }
            }
            return failure.map { Result<Int, any Error>.failure($0) } ?? .success(count)
        }
        return try outcome.get()
    }
}
