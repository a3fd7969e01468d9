extension Fields {
    /// Texts that end an answer: one, or a list of them. Each costs time for every byte of the answer, so that they are few.
    func stops(_ key: String) throws -> [String]? {
        guard let stops = try strings(key) else { return nil }
        guard stops.count <= 64 else { throw problem(key, "64 texts are the most") }
        return stops.filter { !$0.isEmpty }
    }
}
