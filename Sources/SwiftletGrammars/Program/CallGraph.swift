/// Which rules use themselves, directly or not, and an order in which callees come before their callers.
///
/// Tarjan's strongly connected components (1972), without recursion: grammars may chain thousands of rules.
struct CallGraph {
    private(set) var isRecursive: [Bool]
    private(set) var calleesFirst: [Int] = []

    init(_ rules: [Grammar.Rule]) {
        let callees = rules.map { rule -> [Int] in
            var found: [Int] = []
            rule.body.forEachRule { found.append($0) }
            return found
        }
        isRecursive = [Bool](repeating: false, count: rules.count)
        var order = [Int](repeating: -1, count: rules.count)
        var lowest = order
        var isOpen = isRecursive
        var open: [Int] = []
        var count = 0
        for start in rules.indices where order[start] < 0 {
            var path: [(rule: Int, next: Int)] = [(start, 0)]
            while let (rule, next) = path.last {
                if next == 0 {
                    order[rule] = count
                    lowest[rule] = count
                    count += 1
                    open.append(rule)
                    isOpen[rule] = true
                }
                if next < callees[rule].count {
                    path[path.count - 1].next += 1
                    let callee = callees[rule][next]
                    if callee == rule { isRecursive[rule] = true }
                    if order[callee] < 0 {
                        path.append((callee, 0))
                    } else if isOpen[callee] {
                        lowest[rule] = min(lowest[rule], order[callee])
                    }
                    continue
                }
                path.removeLast()
                calleesFirst.append(rule)
                if let caller = path.last?.rule { lowest[caller] = min(lowest[caller], lowest[rule]) }
                guard lowest[rule] == order[rule], let place = open.lastIndex(of: rule) else { continue }
                let component = open[place...]
                for member in component {
                    isOpen[member] = false
                    if component.count > 1 { isRecursive[member] = true }
                }
                open.removeSubrange(place...)
            }
        }
    }
}
