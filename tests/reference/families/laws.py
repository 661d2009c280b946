"""Laws of many fields with usual ranges two or three decades wide, as somebody who knows little would give them."""

import jax.numpy as jnp
import numpy as np

from lawjax import positive, real, unit_interval
from tests.reference.families.family import family

_SECONDS = np.linspace(0.0, 10.0, 80)
_MOMENTS = np.sort(np.arange(1, 81) * (5**0.5 - 1) / 2 % 1) * 10.0
"""Uneven times: evenly spaced ones fit a tone as well by its aliases."""
_DOSES = np.geomspace(0.02, 60.0, 36)
_WIDE = np.geomspace(1.0, 1e6, 60)
_GRID = np.stack(np.meshgrid(np.geomspace(0.1, 30.0, 7), np.geomspace(0.2, 50.0, 7)), axis=-1).reshape(-1, 2)


@family(
    dict(a=4.0, b=2.5, k=0.22, f=0.83, c=1.5),
    dict(a=real(-100, 100), b=real(-100, 100), k=positive(0.01, 10), f=positive(0.05, 5), c=real(-10, 10)),
    0.03,
    t=_MOMENTS,
)
def damped_sinusoid(t, *, a, b, k, f, c):
    """A ringing that dies away."""
    return c + jnp.exp(-k * t) * (a * jnp.cos(2 * jnp.pi * f * t) + b * jnp.sin(2 * jnp.pi * f * t))


@family(
    dict(A=3.0, k=0.15, f=0.6, phi=0.8),
    dict(A=positive(0.1, 100), k=positive(0.01, 10), f=positive(0.05, 5), phi=real(-3.2, 3.2)),
    0.05,
    wraps={"phi": 2 * np.pi},
    t=_MOMENTS,
)
def damped_phase(t, *, A, k, f, phi):
    """The same by amplitude and phase."""
    return A * jnp.exp(-k * t) * jnp.cos(2 * jnp.pi * f * t + phi)


@family(
    dict(a1=2.0, b1=-1.0, f1=0.31, a2=1.2, b2=0.9, f2=0.77, a3=-0.6, b3=0.8, f3=1.63),
    {f"{key}{i}": real(-10, 10) if key != "f" else positive(0.02, 2.5) for i in (1, 2, 3) for key in "abf"},
    0.1,
    alike=(("a1", "b1", "f1"), ("a2", "b2", "f2"), ("a3", "b3", "f3")),
    t=np.sort(np.arange(1, 121) * (5**0.5 - 1) / 2 % 1) * 20.0,
)
def three_sinusoids(t, *, a1, b1, f1, a2, b2, f2, a3, b3, f3):
    """Three tones."""
    tones = ((a1, b1, f1), (a2, b2, f2), (a3, b3, f3))
    return sum(a * jnp.cos(2 * jnp.pi * f * t) + b * jnp.sin(2 * jnp.pi * f * t) for a, b, f in tones)


@family(
    dict(A=2.0, f0=0.4, rate=0.12, phi=0.5),
    dict(A=positive(0.1, 100), f0=positive(0.02, 2), rate=positive(0.005, 1), phi=real(-3.2, 3.2)),
    0.05,
    wraps={"phi": 2 * np.pi},
    t=_MOMENTS,
)
def chirp(t, *, A, f0, rate, phi):
    """A tone that rises."""
    return A * jnp.cos(2 * jnp.pi * (f0 + 0.5 * rate * t) * t + phi)


@family(
    dict(a1=5.0, k1=0.2, a2=3.0, k2=2.0, a3=6.0, k3=15.0),
    {f"{key}{i}": positive(0.1, 100) if key == "a" else positive(0.01, 100) for i in (1, 2, 3) for key in "ak"},
    0.002,
    alike=(("a1", "k1"), ("a2", "k2"), ("a3", "k3")),
    t=np.geomspace(0.01, 12.0, 60),
)
def three_exponentials(t, *, a1, k1, a2, k2, a3, k3):
    """Three decays."""
    return a1 * jnp.exp(-k1 * t) + a2 * jnp.exp(-k2 * t) + a3 * jnp.exp(-k3 * t)


@family(
    dict(a1=5.0, k1=0.3, a2=2.0, k2=3.0, c=0.7),
    dict(a1=positive(0.1, 100), k1=positive(0.01, 30), a2=positive(0.1, 100), k2=positive(0.01, 30), c=real(-10, 10)),
    0.02,
    alike=(("a1", "k1"), ("a2", "k2")),
    t=_SECONDS,
)
def two_exponentials(t, *, a1, k1, a2, k2, c):
    """Two decays to a floor."""
    return c + a1 * jnp.exp(-k1 * t) + a2 * jnp.exp(-k2 * t)


@family(
    dict(A=4.0, tau=1.7, beta=0.6, c=0.5),
    dict(A=positive(0.1, 100), tau=positive(0.03, 30), beta=positive(0.1, 3), c=real(-10, 10)),
    0.01,
    t=np.geomspace(0.01, 30.0, 50),
)
def stretched_exponential(t, *, A, tau, beta, c):
    """Kohlrausch's relaxation."""
    return c + A * jnp.exp(-((t / tau) ** beta))


@family(
    dict(p0=1.2, p1=-0.8, p2=2.1, p3=0.5, q1=0.4, q2=0.9, q3=0.12),
    {key: real(-10, 10) for key in ("p0", "p1", "p2", "p3", "q1", "q2", "q3")},
    0.01,
    x=np.linspace(-2.0, 4.0, 60),
)
def cubic_ratio(x, *, p0, p1, p2, p3, q1, q2, q3):
    """A cubic over a cubic."""
    return (p0 + p1 * x + p2 * x**2 + p3 * x**3) / (1 + q1 * x + q2 * x**2 + q3 * x**3)


_PEAK = dict(A=positive(0.1, 100), m=positive(1, 100), w=positive(0.2, 50))


@family(
    dict(c=2.0, s=0.03, A1=8.0, m1=31.0, w1=4.0, A2=5.0, m2=44.0, w2=7.0),
    dict(c=real(-10, 10), s=real(-1, 1)) | {f"{key}{i}": param for i in (1, 2) for key, param in _PEAK.items()},
    0.03,
    alike=(("A1", "m1", "w1"), ("A2", "m2", "w2")),
    x=np.linspace(1.0, 100.0, 120),
)
def two_gaussians(x, *, c, s, A1, m1, w1, A2, m2, w2):
    """Two overlapping peaks on a slope."""
    first, second = (A * jnp.exp(-0.5 * ((x - m) / w) ** 2) for A, m, w in ((A1, m1, w1), (A2, m2, w2)))
    return c + s * x + first + second


@family(
    dict(c=1.0, A1=6.0, m1=28.0, w1=2.5, A2=4.0, m2=61.0, w2=5.0),
    dict(c=real(-10, 10)) | {f"{key}{i}": param for i in (1, 2) for key, param in _PEAK.items()},
    0.03,
    alike=(("A1", "m1", "w1"), ("A2", "m2", "w2")),
    x=np.linspace(1.0, 100.0, 120),
)
def two_lorentzians(x, *, c, A1, m1, w1, A2, m2, w2):
    """Two resonances."""
    return c + A1 / (1 + ((x - m1) / w1) ** 2) + A2 / (1 + ((x - m2) / w2) ** 2)


@family(
    dict(A=7.0, m=42.0, w=5.0, eta=0.35, c=1.0),
    _PEAK | dict(eta=unit_interval(), c=real(-10, 10)),
    0.02,
    x=np.linspace(1.0, 100.0, 90),
)
def pseudo_voigt(x, *, A, m, w, eta, c):
    """A peak between Lorentz and Gauss, as diffraction uses it."""
    z = ((x - m) / w) ** 2
    return c + A * (eta / (1 + z) + (1 - eta) * jnp.exp(-jnp.log(2.0) * z))


@family(
    dict(V=12.0, K=1.3, Ki=18.0),
    dict(V=positive(0.1, 300), K=positive(0.03, 30), Ki=positive(0.3, 300)),
    0.02,
    S=_DOSES,
)
def substrate_inhibition(S, *, V, K, Ki):
    """Haldane's rate of an enzyme that its substrate slows."""
    return V * S / (K + S + S**2 / Ki)


@family(
    dict(low=1.0, high=9.0, K=2.2, n=1.8),
    dict(low=real(-10, 10), high=real(-100, 100), K=positive(0.03, 30), n=positive(0.1, 10)),
    0.02,
    dose=_DOSES,
)
def hill(dose, *, low, high, K, n):
    """A dose response."""
    return low + (high - low) / (1 + (K / dose) ** n)


@family(
    dict(K=80.0, r=0.9, t0=5.2),
    dict(K=positive(1, 1000), r=positive(0.05, 30), t0=positive(0.3, 30)),
    0.02,
    t=_SECONDS,
)
def logistic_growth(t, *, K, r, t0):
    """Growth that saturates."""
    return K / (1 + jnp.exp(-r * (t - t0)))


@family(
    dict(K=60.0, b=6.0, c=0.5), dict(K=positive(1, 1000), b=positive(0.1, 100), c=positive(0.02, 10)), 0.02, t=_SECONDS
)
def gompertz(t, *, K, b, c):
    """Growth of tumours."""
    return K * jnp.exp(-b * jnp.exp(-c * t))


@family(
    dict(K=50.0, b=42.0, c=0.3, d=2.3),
    dict(K=positive(1, 1000), b=positive(1, 1000), c=positive(0.02, 10), d=positive(0.1, 10)),
    0.02,
    t=np.linspace(0.1, 10.0, 50),
)
def weibull_growth(t, *, K, b, c, d):
    """Growth of plants."""
    return K - b * jnp.exp(-((c * t) ** d))


@family(dict(A=3e7, Ea=52.0), dict(A=positive(1e6, 1e9), Ea=positive(5, 500)), 0.02, T=np.linspace(300.0, 420.0, 30))
def arrhenius(T, *, A, Ea):
    """A rate by temperature [K]; Ea in kJ/mol."""
    return A * jnp.exp(-Ea / (8.314462618e-3 * T))


@family(
    dict(A=9.0, B=1450.0, C=-38.0),
    dict(A=positive(0.5, 50), B=positive(50, 50000), C=real(-200, 200)),
    0.005,
    T=np.linspace(290.0, 390.0, 30),
)
def antoine(T, *, A, B, C):
    """A vapour pressure by temperature [K]."""
    return jnp.exp(A - B / (T + C))


@family(
    dict(q1=4.0, K1=3.0, q2=9.0, K2=0.06),
    dict(q1=positive(0.1, 100), K1=positive(0.01, 10), q2=positive(0.1, 100), K2=positive(0.01, 10)),
    0.01,
    alike=(("q1", "K1"), ("q2", "K2")),
    P=_DOSES,
)
def two_langmuirs(P, *, q1, K1, q2, K2):
    """Adsorption at two kinds of site."""
    return q1 * K1 * P / (1 + K1 * P) + q2 * K2 * P / (1 + K2 * P)


@family(dict(A=5e4, b=14.0), dict(A=positive(1e3, 1e6), b=positive(1, 300)), 0.02, x=np.linspace(0.8, 12.0, 50))
def planck(x, *, A, b):
    """Radiance by wavelength."""
    return A * x**-5 / jnp.expm1(b / x)


@family(
    dict(E=1.4, A=12.0, a=0.3, d=3e3, c=0.35),
    dict(E=positive(0.05, 10), A=positive(0.5, 500), a=positive(0.03, 3), d=positive(30, 3e5), c=positive(0.03, 3)),
    0.003,
    x=_WIDE,
)
def broken_power(x, *, E, A, a, d, c):
    """A power law with a floor that bends once."""
    return E + A * x**-a * (1 + (x / d) ** 4) ** (-c / 4)


@family(
    dict(V=20.0, Ka=1.5, Kb=4.0, Kab=3.0),
    dict(V=positive(0.5, 500), Ka=positive(0.05, 50), Kb=positive(0.1, 100), Kab=positive(0.05, 50)),
    0.02,
    a=_GRID[:, 0],
    b=_GRID[:, 1],
)
def two_substrates(a, b, *, V, Ka, Kb, Kab):
    """A rate of an enzyme with two substrates."""
    return V * a * b / (Kab + Kb * a + Ka * b + a * b)


@family(
    dict(A=2.3, a=0.35, b=0.6), dict(A=positive(0.05, 50), a=positive(0.03, 3), b=positive(0.03, 3)), 0.03,
    K=_GRID[:, 0], L=_GRID[:, 1],
)  # fmt: skip
def cobb_douglas(K, L, *, A, a, b):
    """Output by capital and labour."""
    return A * K**a * L**b


@family(
    dict(A=2.3, share=0.4, rho=0.8, nu=0.9),
    dict(A=positive(0.05, 50), share=unit_interval(), rho=positive(0.05, 10), nu=positive(0.1, 10)),
    0.02,
    K=_GRID[:, 0],
    L=_GRID[:, 1],
)
def ces(K, L, *, A, share, rho, nu):
    """Output with a constant elasticity of substitution."""
    return A * (share * K**-rho + (1 - share) * L**-rho) ** (-nu / rho)


def _flip_flop(params: dict[str, float]) -> dict[str, float]:
    """Fast absorption and slow elimination, or the reverse: the same curve."""
    ka, ke, V = params["ka"], params["ke"], params["V"]
    return {"ka": ke, "ke": ka, "V": V * ke / ka}


@family(
    dict(ka=1.4, ke=0.25, V=3.0),
    dict(ka=positive(0.03, 30), ke=positive(0.01, 10), V=positive(0.1, 100)),
    0.03,
    mirror=_flip_flop,
    t=np.linspace(0.2, 14.0, 30),
)
def bateman(t, *, ka, ke, V):
    """A drug in the blood after one oral dose."""
    return 10.0 * ka / (V * (ka - ke)) * (jnp.exp(-ke * t) - jnp.exp(-ka * t))


@family(
    dict(D=4.5, a=1.6, r0=1.2, c=-4.0),
    dict(D=positive(0.1, 100), a=positive(0.1, 30), r0=positive(0.1, 10), c=real(-50, 50)),
    0.01,
    r=np.linspace(0.7, 5.0, 50),
)
def morse(r, *, D, a, r0, c):
    """The energy of a bond by its length."""
    return c + D * (1 - jnp.exp(-a * (r - r0))) ** 2
