"""OpenAI's gym, which gymnasium goes on with."""

from __future__ import annotations

from graphmode.period.rows import Row

TITLE = "gym"
SOURCE = "gymnasium's guide to migrating from gym 0.21; gym's release notes 0.26 (reset and step)"

_ANSWERS = "graphmode.period.answers.gym_environments"

ROWS = [
    Row(
        "gym",
        "",
        "`import gymnasium as gym`",
        "gym 0.26",
        "gymnasium",
        install="pip install gymnasium",
    ),
    Row("gym", "make", "`gymnasium.make(id)`", "gym 0.26", f"{_ANSWERS}:make"),
    Row("gym.wrappers", "", "`gymnasium.wrappers`", "gym 0.26", "gymnasium.wrappers"),
    Row(
        "gym.wrappers",
        "Monitor",
        "`gymnasium.wrappers.RecordVideo`",
        "gym 0.20",
        f"{_ANSWERS}:Monitor",
    ),
    Row("gym.spaces", "", "`gymnasium.spaces`", "gym 0.26", "gymnasium.spaces"),
    Row("gym.envs", "", "`gymnasium.envs`", "gym 0.26", "gymnasium.envs"),
    Row(
        "gym.envs.registration",
        "",
        "`gymnasium.envs.registration`",
        "gym 0.26",
        "gymnasium.envs.registration",
    ),
    Row("gym.utils", "", "`gymnasium.utils`", "gym 0.26", "gymnasium.utils"),
    Row(
        "gym",
        "",
        "`observation, info = env.reset(seed=seed)`",
        "gym 0.26",
        example="observation = env.reset(), env.seed(seed)",
    ),
    Row(
        "gym",
        "",
        "`observation, reward, terminated, truncated, info = env.step(action)`",
        "gym 0.26",
        example="observation, reward, done, info = env.step(action)",
    ),
]

NOT_ANSWERED = [
    "Environments that gymnasium dropped (Atari's need `ale-py`, Box2D's `gymnasium[box2d]`) "
    "say what to install; an old version of one (`Pendulum-v0`) is the newest of that name, "
    "said in a line.",
]

CHANGES = {}
