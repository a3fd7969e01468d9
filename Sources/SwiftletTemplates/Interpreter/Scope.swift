/// The variables of a block; looking up goes outwards.
final class Scope {
    private var slots: [(id: Int, value: TemplateValue)] = []
    let parent: Scope?

    init(parent: Scope?) {
        self.parent = parent
    }

    func set(_ id: Int, _ value: TemplateValue) {
        if let place = slots.firstIndex(where: { $0.id == id }) {
            slots[place].value = value
        } else {
            slots.append((id, value))
        }
    }

    func get(_ id: Int) -> TemplateValue? {
        var scope: Scope? = self
        while let here = scope {
            for slot in here.slots where slot.id == id { return slot.value }
            scope = here.parent
        }
        return nil
    }

    func clear() {
        slots.removeAll(keepingCapacity: true)
    }
}

/// The `loop` variable.
final class LoopState {
    let items: [TemplateValue]
    let depth: Int
    var index = 0
    /// What `loop.changed` was last given.
    var last: [TemplateValue]?
    /// The loop to run again for `loop(items)`, where it is recursive.
    let recursion: (loop: Loop, scope: Scope)?

    init(items: [TemplateValue], depth: Int, recursion: (loop: Loop, scope: Scope)?) {
        self.items = items
        self.depth = depth
        self.recursion = recursion
    }
}
