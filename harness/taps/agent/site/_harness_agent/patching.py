"""Watching a method from outside: what happens before it and after it, and nothing changed in between.

A watched method behaves as before: same result, same exception, same traceback (the watcher's own frame is taken out).
A watcher that fails is reported to the harness and never to the target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .wire import Wire

Begin = Callable[..., Any]
"""Called with the method's arguments before it runs; returns what `End` shall have."""

End = Callable[[Any, Any, "BaseException | None"], None]
"""Called afterwards with what `Begin` returned, the result, and the exception if one ended the method."""

Make = Callable[[Callable[..., Any]], Callable[..., Any]]

CO_COROUTINE = 0x80


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    return bool(function.__code__.co_flags & CO_COROUTINE)


def replace(owner: Any, name: str, make: Make) -> bool:
    """Put `make(method)` in the place of a method that the class itself defines. False when it defines none."""
    original = vars(owner).get(name) if owner is not None else None
    if not callable(original) or not hasattr(original, "__code__"):
        return False
    wrapper: Any = make(original)
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(wrapper, attribute, getattr(original, attribute))
    wrapper.__wrapped__ = original
    code = original.__code__  # asyncio shows where a task's function was defined
    wrapper.__code__ = wrapper.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    setattr(owner, name, wrapper)
    return True


def watch(wire: Wire, begin: Begin, end: End | None = None) -> Make:
    """A maker of watched methods, coroutine functions or plain ones, to be given to `replace`."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        watcher = _Watcher(wire, original.__qualname__, begin, end)
        return watcher.around_coroutine(original) if is_coroutine_function(original) else watcher.around(original)

    return make


class _Watcher:
    """What is called around one method; it fails without a word to the target."""

    def __init__(self, wire: Wire, name: str, begin: Begin, end: End | None) -> None:
        self._wire, self._name, self._begin, self._end = wire, name, begin, end

    def started(self, args: Any, kwargs: Any) -> Any:
        if self._wire.silent:
            return None
        try:
            return self._begin(*args, **kwargs)
        except Exception as error:
            self._wire.trouble(self._name, error)
            return None

    def ended(self, context: Any, result: Any, failure: BaseException | None) -> None:
        """Nothing happens where `started` returned None: there was nothing to watch."""
        if context is None or self._end is None:
            return
        try:
            self._end(context, result, failure)
        except Exception as error:
            self._wire.trouble(self._name, error)

    def around_coroutine(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(*args: Any, **kwargs: Any) -> Any:
            context = self.started(args, kwargs)
            try:
                result = await original(*args, **kwargs)
            except BaseException as error:
                self.ended(context, None, error)
                hide_frame(error)
                raise
            self.ended(context, result, None)
            return result

        return watched

    def around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            context = self.started(args, kwargs)
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                self.ended(context, None, error)
                hide_frame(error)
                raise
            self.ended(context, result, None)
            return result

        return watched


def hide_frame(error: BaseException) -> None:
    """Take the catching frame out of a traceback. A bare `raise` right afterwards doesn't put it back."""
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next
