"""How the tests are shared out among processes: file by file, as ``--dist loadfile`` of pytest-xdist does.

What is looked up there by walking through all tests each time one has passed is looked up at once here: of twenty thousand
tests that is most of what the process that shares them out does.
"""

from xdist.scheduler import LoadFileScheduling


class Numbered(list):
    """Names of tests, each with its place."""

    def __init__(self, names):
        super().__init__(names)
        self._places = {name: place for place, name in enumerate(self)}

    def index(self, name):
        return self._places[name]


class ByFile(LoadFileScheduling):
    """Gives each process a file when it has nearly ended the one before."""

    def add_node_collection(self, node, collection):
        super().add_node_collection(node, collection)
        if node in self.registered_collections:
            self.registered_collections[node] = Numbered(self.registered_collections[node])

    def mark_test_complete(self, node, item_index, duration=0):
        """Forget the test, and its file with its last one: what a process has is what it has still to do."""
        name = self.registered_collections[node][item_index]
        files, file = self.assigned_work[node], self._split_scope(name)
        del files[file][name]
        if not files[file]:
            del files[file]
        self._reschedule(node)

    def _pending_of(self, workload):
        return sum(map(len, workload.values()))
