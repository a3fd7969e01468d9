import ArgumentParser
import SwiftletServer

/// A time as users write it, at most a hundred years: `90` and `90s`, `5m`, `1h30m`, `30d`, `2w`, `1y`.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration
    private let text: String

    init?(argument: String) {
        let unit = argument.last.flatMap { Self.days[$0] }
        if let unit {
            guard let count = Double(argument.dropLast()), (0...Self.mostDays).contains(count * unit) else {
                return nil
            }
            duration = .seconds(count * unit * 86400)
        } else {
            guard let duration = try? ServerOptions.duration(argument), duration <= .seconds(Self.mostDays * 86400)
            else {
                return nil
            }
            self.duration = duration
        }
        text = argument
    }

    private static let mostDays = 36500.0
    private static let days: [Character: Double] = ["d": 1, "w": 7, "y": 365]

    var defaultValueDescription: String { text }

    static func seconds(_ count: Int) -> Self { Self(duration: .seconds(count), text: "\(count)s") }

    static func hours(_ count: Int) -> Self { Self(duration: .seconds(count * 3600), text: "\(count)h") }
    static func days(_ count: Int) -> Self { Self(duration: .seconds(count * 86400), text: "\(count)d") }

    private init(duration: Duration, text: String) { (self.duration, self.text) = (duration, text) }
}
