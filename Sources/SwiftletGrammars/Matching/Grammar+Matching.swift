extension Grammar {
    /// Whether a whole text matches. For tests and small checks: nothing is kept for another call.
    package func matches(_ bytes: some Sequence<UInt8>) -> Bool {
        let space = ConfigurationSpace(ProgramBuilder.build(self))
        var place = space.start()
        for byte in bytes where place != ConfigurationSpace.dead { place = space.step(place, byte) }
        return space.flags(place).contains(.mayEnd)
    }
}
