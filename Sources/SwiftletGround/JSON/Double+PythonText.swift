extension Double {
    /// The shortest text that reads back as this value, laid out as Python's `repr`: `1.0`, `1e+16`, `1e-05`, `nan`.
    public var pythonText: String {
        if isNaN { return "nan" }
        // Swift's own text differs only here: it goes over to an exponent at 2^53, Python at 1e16. Doubles in between
        // are two apart, so no shorter text than their exact digits reads back as them.
        if magnitude >= 0x1p53, magnitude < 1e16 { return "\(Int64(self)).0" }
        return description
    }
}
