import SwiftletGround

/// What platforms take as names; everything that goes into a file unquoted has passed here.
enum Names {
    /// A label of DNS, as Kubernetes, Compose and systemd all take it; short enough for the endings that objects get.
    static func checkLabel(_ text: String, _ option: String) throws(DeploymentError) {
        guard text.wholeMatch(of: /[a-z]([-a-z0-9]{0,38}[a-z0-9])?/) == nil else { return }
        throw DeploymentError(
            .option, "\"\(shown(text))\" is not a name of at most 40 lower-case letters, digits and '-'", at: option)
    }

    /// A reference to an image: registry, path, tag or digest.
    static func checkImage(_ text: String) throws(DeploymentError) {
        guard text.utf8.count > 255 || text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9._\/:@-]*[A-Za-z0-9])?/) == nil
        else { return }
        throw DeploymentError(
            .option, "\"\(shown(text))\" is no image's name", at: "--image",
            advice: "For instance registry.example.org/swiftlet:0.1.0")
    }

    /// An absolute path that needs no quotes anywhere.
    static func checkPath(_ text: String, _ option: String) throws(DeploymentError) {
        guard
            text.utf8.count > 1024 || text.wholeMatch(of: /(\/[A-Za-z0-9._+-]+)+/) == nil
                || text.split(separator: "/").contains("..")
        else { return }
        throw DeploymentError(
            .option, "\"\(shown(text))\" is not an absolute path of letters, digits and . _ + -", at: option)
    }

    /// A text from a command line, fit for an error.
    private static func shown(_ text: String) -> String {
        String(text.unicodeScalars.prefix(80).map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
    }
}
