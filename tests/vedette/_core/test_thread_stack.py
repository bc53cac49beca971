import threading

from vedette._core.thread_stack import format_thread_stack


def wait_here(started: threading.Event, ending: threading.Event) -> None:
    started.set()
    ending.wait()


def test_the_innermost_lines_are_returned_without_the_hidden_files() -> None:
    started, ending = threading.Event(), threading.Event()
    thread = threading.Thread(target=wait_here, args=(started, ending), daemon=True)
    thread.start()
    started.wait()
    try:
        assert thread.ident is not None
        stack = format_thread_stack(thread.ident, hide=("threading.py",), most=1)
        assert "ending.wait()" in stack
        assert stack.count("File ") == 1
        assert "threading.py" in format_thread_stack(thread.ident, hide=(), most=9)
    finally:
        ending.set()
        thread.join()


def test_a_thread_that_has_ended_has_no_stack() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    assert thread.ident is not None
    assert format_thread_stack(thread.ident, hide=(), most=9) == ""
