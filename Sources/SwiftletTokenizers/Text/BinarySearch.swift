extension RandomAccessCollection where Index == Int {
    /// The first index whose element `isBefore` is false for, or the end; those that it is true for come first. O(log count).
    @inline(__always)
    func firstIndexNotBefore(_ isBefore: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
