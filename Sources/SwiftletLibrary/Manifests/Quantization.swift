/// Names of quantized file types, and which to take if a publisher offers several.
package enum Quantization {
    /// The best first: about 4.8 bits a weight is where answers are nearly the original's at a quarter of the size; then
    /// larger ones, then smaller ones.
    static let preference = [
        "Q4_K_M", "Q4_K_S", "Q4_K_L", "Q4_1", "Q4_0", "IQ4_NL", "IQ4_XS", "Q5_K_M", "Q5_K_S", "Q5_0", "Q5_1", "Q6_K",
        "Q8_0", "Q3_K_L", "Q3_K_M", "Q3_K_S", "IQ3_M", "IQ3_S", "Q2_K", "F16", "BF16", "F32", "I2_S", "TQ2_0", "TQ1_0",
    ]

    /// All labels, the longest first so that `Q4_K_M` is not taken for `Q4_K`.
    private static let labels =
        (preference + [
            "Q3_K_XL", "Q2_K_L", "Q2_K_S", "Q5_K_L", "Q6_K_L", "IQ3_XS", "IQ3_XXS", "IQ2_M", "IQ2_S", "IQ2_XS",
            "IQ2_XXS",
            "IQ1_M", "IQ1_S", "MXFP4", "FP16", "FP32", "Q4_K", "Q5_K", "Q3_K",
        ]).sorted { $0.utf8.count > $1.utf8.count }

    /// The label in a file's name, between characters that are neither letters nor digits: `…-Q4_K_M.gguf`.
    package static func label(in fileName: String) -> String? {
        let name = Array(fileName.uppercased().utf8)
        for label in labels {
            let wanted = Array(label.utf8)
            guard name.count >= wanted.count else { continue }
            for start in stride(from: name.count - wanted.count, through: 0, by: -1)
            where name[start..<start + wanted.count].elementsEqual(wanted) {
                let before = start == 0 ? nil : name[start - 1]
                let after = start + wanted.count == name.count ? nil : name[start + wanted.count]
                if before?.isAlphanumeric != true, after?.isAlphanumeric != true, after != UInt8(ascii: "_") {
                    return label == "FP16" ? "F16" : label == "FP32" ? "F32" : label
                }
            }
        }
        return nil
    }

    static func rank(_ label: String?) -> Int {
        guard let label else { return preference.count + 1 }
        return preference.firstIndex(of: label) ?? preference.count
    }
}
