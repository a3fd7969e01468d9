import Foundation
import SwiftletHistory

extension History: Recorder {}

extension RequestEntry {
    init(_ route: Route, _ facts: CallRecord.Facts, _ key: APIKey?) {
        self.init(
            time: facts.date.timeIntervalSince1970, duration: facts.duration.seconds, endpoint: route.path,
            model: facts.model ?? "", status: facts.status, promptTokens: facts.promptTokens,
            cachedTokens: facts.cachedTokens, generatedTokens: facts.generatedTokens, queue: facts.queue?.seconds,
            timeToFirstToken: facts.timeToFirstToken?.seconds,
            key: key.map { KeyTokens(digest: $0.digest.hexadecimal, tokens: facts.keyTokens) })
    }
}
