import HTTPTypes
import Hummingbird

/// Who sends a request, as far as keys tell.
enum Caller: Sendable {
    /// The server has no keys: everybody may do everything.
    case anyone
    case holder(KeyHolder)
    /// Nobody who is known; open routes answer all the same.
    case refused(RequestFailure)

    var holder: KeyHolder? {
        if case .holder(let holder) = self { holder } else { nil }
    }
}

extension RequestFailure {
    static let keyMissing = unauthorized(
        "this server needs an API key: send it as Authorization: Bearer KEY, or as x-api-key",
        #"Bearer realm="swiftlet""#)
    static let keyUnknown = unauthorized("the API key is not known here, or it was revoked", invalid)
    static let keyExpired = unauthorized("the API key has expired", invalid)

    /// Which is no client's fault.
    static let keysUnreadable = Self(
        .serviceUnavailable, "the server's API keys cannot be read; its log says why", retryAfter: 60)

    private static let invalid = #"Bearer realm="swiftlet", error="invalid_token""#

    private static func unauthorized(_ message: String, _ challenge: String) -> Self {
        var failure = Self(.unauthorized, message)
        failure.challenge = challenge
        return failure
    }
}

extension HTTPField.Name {
    static let apiKey = Self("x-api-key")!
}
