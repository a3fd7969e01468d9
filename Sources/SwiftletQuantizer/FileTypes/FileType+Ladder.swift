extension FileType {
    /// The types that are worth offering side by side, the largest first; those below three bits a weight only with an
    /// importance matrix, without which they are worthless.
    public static func ladder(hasImportance: Bool) -> [FileType] {
        let always: [FileType] = [
            .q8_0, .q6_K, .q5_K_M, .q5_K_S, .q4_K_M, .q4_K_S, .iq4_NL, .iq4_XS, .q3_K_L, .q3_K_M, .iq3_M, .q3_K_S,
            .q2_K,
        ]
        return hasImportance
            ? always + [.iq3_XXS, .q2_K_S, .iq2_M, .iq2_S, .iq2_XS, .iq2_XXS, .iq1_M, .iq1_S] : always
    }
}
