"""A bar moves while a compiled loop runs."""

import jax

from lawjax.inference import progress


def loop(steps):
    def body(index, total):
        progress.report(index)
        return total + index

    return jax.lax.fori_loop(0, steps, body, 0)


def test_a_bar_moves_every_fifty_steps_of_a_compiled_loop(monkeypatch):
    seen = []
    monkeypatch.setattr(progress, "_bars", [seen.append])
    jax.block_until_ready(jax.jit(loop, static_argnums=0)(120))
    jax.effects_barrier()
    assert sorted(seen) == [0, 50, 100]


def test_a_bar_is_drawn_on_standard_error(capfd):
    with progress.bar("sampling", 120, show=True):
        jax.block_until_ready(jax.jit(loop, static_argnums=0)(120))
    out, err = capfd.readouterr()
    assert "sampling" in err
    assert "100%" in err
    assert out == ""


def test_nothing_is_drawn_unless_asked(capfd):
    with progress.bar("sampling", 120, show=False):
        progress.tick(50)
    assert capfd.readouterr() == ("", "")
