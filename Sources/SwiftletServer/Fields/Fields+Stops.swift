extension Fields {
    /// Texts that end an answer: one, or a list of them. Each costs time for every byte of the answer and memory for each of
    /// its own, so that they are few and short.
    func stops(_ key: String) throws -> [String]? {
        guard let stops = try strings(key) else { return nil }
        guard stops.count <= 64 else { throw problem(key, "64 texts are the most") }
        guard stops.allSatisfy({ $0.utf8.count <= 4096 }) else { throw problem(key, "a text has 4096 bytes at most") }
        return stops.filter { !$0.isEmpty }
    }
}
