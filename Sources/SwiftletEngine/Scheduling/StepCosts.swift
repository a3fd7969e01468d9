/// What steps have cost lately: moving averages, from which the scheduler tells how much of a prompt fits beside answers.
struct StepCosts: Sendable {
    /// Seconds of a step with so many rows of answers and none of prompts; 0 if there was none.
    private var answers = [Double](repeating: 0, count: 65)
    /// Seconds that a prompt's row adds to a step with answers.
    private var beside: Double?
    /// Seconds of a prompt's row in steps without answers.
    private var alone: Double?

    private static let weight = 0.2
    /// A disturbed step counts at most so many times what was expected.
    private static let mostSurprise = 3.0

    /// Seconds of a step with `rows` rows of answers alone; nil before any was measured.
    func answerSeconds(_ rows: Int) -> Double? {
        let rows = min(rows, answers.count - 1)
        if answers[rows] > 0 { return answers[rows] }
        let below = answers[..<rows].lastIndex { $0 > 0 }
        let above = answers[(rows + 1)...].firstIndex { $0 > 0 }
        guard let below, let above else { return (below ?? above).map { answers[$0] } }
        let share = Double(rows - below) / Double(above - below)
        return answers[below] + share * (answers[above] - answers[below])
    }

    /// How many prompt rows a step with answers takes in `seconds`; nil before any was measured.
    func promptRows(in seconds: Double) -> Int? {
        guard let cost = beside ?? alone, cost > 0 else { return nil }
        return Int(min(seconds / cost, 1e6))
    }

    mutating func record(answerRows: Int, promptRows: Int, seconds: Double) {
        guard seconds > 0 else { return }
        if promptRows == 0 {
            guard answerRows > 0 else { return }
            let rows = min(answerRows, answers.count - 1)
            answers[rows] = Self.average(answers[rows] > 0 ? answers[rows] : nil, seconds)
        } else if answerRows == 0 {
            alone = Self.average(alone, seconds / Double(promptRows))
        } else if let answer = answerSeconds(answerRows) {
            // Never free, however well it fitted in.
            let row = max((seconds - answer) / Double(promptRows), seconds / Double(promptRows + answerRows) / 4)
            beside = Self.average(beside, row)
        }
    }

    private static func average(_ old: Double?, _ new: Double) -> Double {
        guard let old else { return new }
        return old + weight * (min(new, old * mostSurprise) - old)
    }
}
