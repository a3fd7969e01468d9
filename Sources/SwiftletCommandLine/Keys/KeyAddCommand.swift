import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletServer

struct KeyAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make an API key and show it, this once.",
        discussion: """
            Only the key's SHA-256 is kept. Of roles, read-only looks at models, user also runs them, and admin \
            also pulls, creates, copies and deletes them.

              $ swiftlet key add app --models smollm2:135m --requests-per-minute 60 --expires 30d
            """)

    @Argument(help: "The key's name, for logs and for revoking it.")
    var name: String

    @Option(help: "What the holder may do: admin, user or read-only.")
    var role = KeyRole.user

    @Option(
        help: ArgumentHelp(
            "The only models that the holder sees and runs; a name without a tag stands for all its tags.",
            valueName: "a,b"))
    var models: String?

    @Option(help: ArgumentHelp("Most requests in any minute.", valueName: "n"))
    var requestsPerMinute: Int?

    @Option(help: ArgumentHelp("Most tokens of prompts and answers in any 24 hours.", valueName: "n"))
    var tokensPerDay: Int?

    @Option(help: ArgumentHelp("Most requests at the same time.", valueName: "n"))
    var concurrent: Int?

    @Option(help: ArgumentHelp("Requests of a higher priority go first (-1000 to 1000).", valueName: "n"))
    var priority = 0

    @Option(help: ArgumentHelp("When the key ends: a time from now, like 30d, 12h or 1y.", valueName: "time"))
    var expires: TimeSpan?

    @OptionGroup var place: KeyFileArgument

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        func check(_ value: Int?, _ range: ClosedRange<Int>, _ option: String) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError("\(option) must be from \(range.lowerBound) to \(range.upperBound)")
        }
        try check(requestsPerMinute, KeyLimits.requests, "--requests-per-minute")
        try check(tokensPerDay, KeyLimits.tokens, "--tokens-per-day")
        try check(concurrent, KeyLimits.atOnce, "--concurrent")
        try check(priority, APIKey.priorities, "--priority")
        if let expires, expires.duration <= .zero { throw ValidationError("--expires must be more than nothing") }
        if models != nil, role == .admin {
            throw ValidationError("--models does not go with --role admin, who may copy and delete all of them")
        }
    }

    func run() throws {
        let text = KeyDigest.makeKey()
        var key = try APIKey(name: name, digest: KeyDigest(of: text))
        key.role = role
        key.models = try models?.split(separator: ",", omittingEmptySubsequences: false).map {
            try ModelName(String($0))
        }
        key.limits.requestsPerMinute = requestsPerMinute
        key.limits.tokensPerDay = tokensPerDay
        key.limits.concurrent = concurrent
        key.priority = priority
        key.expires = expires.map { key.created + $0.duration / .seconds(1) }
        try place.keyFile().add(key)
        if json {
            var object: JSONObject = ["key": .string(text)]
            for member in key.summary { object[member.key] = member.value }
            try StandardOutput.write(object.text(.pretty) + "\n")
        } else {
            try StandardOutput.write(text + "\n")
            StandardError.write("Keep it now: it is not shown again.\n")
        }
    }
}

extension KeyRole: ExpressibleByArgument {}
