import Foundation
import SwiftletLibrary

/// A download's progress as text: share, bytes, rate and time left.
///
///     SmolLM2-135M-Instruct.Q4_1.gguf  [=========>          ]  47%  46.2 MB of 98.4 MB  12.1 MB/s  4 s left
struct ProgressBar {
    private let label: String
    private let total: Int?
    /// Moments and bytes of the last seconds, for the rate.
    private var samples: [(time: Double, bytes: Int)]
    private(set) var bytes: Int

    init(label: String, total: Int?, bytes: Int, now: Double) {
        (self.label, self.total, self.bytes) = (label, total, bytes)
        samples = [(now, bytes)]
    }

    mutating func update(bytes: Int, now: Double) {
        self.bytes = bytes
        samples.append((now, bytes))
        // A rate over five seconds follows the connection without jumping.
        while samples.count > 2, now - samples[0].time > 5 { samples.removeFirst() }
    }

    /// From 0 to 1; nil if the whole is unknown.
    var share: Double? { total.flatMap { $0 > 0 ? min(1, Double(bytes) / Double($0)) : nil } }

    /// Bytes a second over the last seconds; nil at the beginning.
    var rate: Double? {
        guard let first = samples.first, let last = samples.last, last.time - first.time > 0.2 else { return nil }
        return Double(max(0, last.bytes - first.bytes)) / (last.time - first.time)
    }

    /// One line of at most `width` columns.
    func line(width: Int) -> String {
        var parts: [String] = []
        if let total, let share {
            let room = max(0, min(30, width - label.count - 50))
            if room >= 5 {
                let filled = Int(share * Double(room))
                let head = filled < room ? ">" : ""
                let bar = String(repeating: "=", count: filled) + head
                parts.append("[" + bar + String(repeating: " ", count: max(0, room - bar.count)) + "]")
            }
            parts.append(String(format: "%3d%%", Int(share * 100)))
            parts.append("\(bytes.asBytes) of \(total.asBytes)")
        } else {
            parts.append(bytes.asBytes)
        }
        if let rate, rate > 0 {
            parts.append("\(Int(rate).asBytes)/s")
            if let total, total > bytes { parts.append("\(Self.duration(Double(total - bytes) / rate)) left") }
        }
        let line = ([label] + parts).joined(separator: "  ")
        return line.count > width ? String(line.prefix(max(0, width - 1))) + "…" : line
    }

    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return "days" }
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}

extension String {
    /// At most so many characters, with a sign that there were more.
    func cut(to width: Int) -> String { count > width ? prefix(width - 1) + "…" : self }
}
