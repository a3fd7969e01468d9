public import Foundation

/// Where an engine keeps the keys and values of long prompts on disk, so that it knows them after a restart.
public struct PrefixStoreOptions: Sendable, Hashable {
    /// Made if it is not there; several engines may share it.
    public var folder: URL
    /// Most bytes of all files together; those that were not used for longest go first.
    public var byteLimit: Int
    /// Prompts shorter than this are computed sooner than they are worth keeping.
    public var minimumTokens: Int

    public init(folder: URL, byteLimit: Int = 4 << 30, minimumTokens: Int = 256) {
        (self.folder, self.byteLimit, self.minimumTokens) = (folder, byteLimit, minimumTokens)
    }
}
