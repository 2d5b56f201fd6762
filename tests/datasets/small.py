"""Small data sets in the layout of `GRAPHMODE_DATA`, and a process that has no network."""

import os
import struct
import subprocess
import sys
import textwrap

import numpy as np

NO_NETWORK = """
import socket

def refuse(*arguments, **options):
    raise OSError("the test has no network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
socket.create_connection = refuse
"""

N_TRAIN, N_TEST = 12, 7


def idx(array):
    return (
        bytes([0, 0, 8, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def flags(*on):
    """The columns of genres in u.item, some of them set."""
    return "|".join("01"[i in on] for i in range(19))


def write(folder):
    """One small file for each file of the data sets that are no package's."""
    rng = np.random.RandomState(5)
    files = {}
    for name in ("mnist", "fashion-mnist"):
        for part, n in (("train", N_TRAIN), ("t10k", N_TEST)):
            images = rng.randint(0, 256, (n, 28, 28), np.uint8)
            files[f"{name}/{part}-images-idx3-ubyte"] = idx(images)
            files[f"{name}/{part}-labels-idx1-ubyte"] = idx((np.arange(n) % 10).astype(np.uint8))
    files["ptb/ptb.train.txt"] = b" the cat <unk> the end \n a cat \n"
    files["ptb/ptb.valid.txt"] = b" the cat \n"
    files["ptb/ptb.test.txt"] = b" a end the \n"
    files["tinyshakespeare/input.txt"] = b"First Citizen:\nSpeak, speak.\n"
    files["fuel-consumption/FuelConsumption.csv"] = (
        b"MODELYEAR,MAKE,MODEL,VEHICLECLASS,ENGINESIZE,CYLINDERS,TRANSMISSION,FUELTYPE,"
        b"FUELCONSUMPTION_CITY,FUELCONSUMPTION_HWY,FUELCONSUMPTION_COMB,"
        b"FUELCONSUMPTION_COMB_MPG,CO2EMISSIONS\r"
        b"2014,ACURA,ILX,COMPACT,2,4,AS5,Z,9.9,6.7,8.5,33,196\r"
        b'2014,AUDI,"A4, LONG",MID-SIZE,2.4,6,M6,X,11.2,7.7,9.6,29,221\r'
    )
    files["movielens-1m/ratings.dat"] = (
        b"1::1193::5::978300760\n6::7::3::0\n2::1193::4::978302109\n"
    )
    files["movielens-1m/movies.dat"] = (
        "7::Caf\u00e9 (1995)::Comedy|Drama\n1193::One: Two (1975)::Drama\n".encode("iso-8859-1")
    )
    files["movielens-1m/users.dat"] = (
        b"1::F::1::10::48067\n2::M::56::16::70072-1\n6::F::50::9::55117\n"
    )
    files["movielens-1m/README"] = b"cite Harper and Konstan\n"
    files["movielens-100k/u.data"] = b"196\t242\t3\t881250949\n186\t302\t1\t891717742\n"
    files["movielens-100k/u.item"] = (
        f"242|Kolya (1996)|24-Jan-1997||http://x|{flags(5)}\n"
        f"302|Caf\u00e9 (1997)|01-Jan-1997||http://x|{flags(6, 9, 18)}\n"
    ).encode("iso-8859-1")
    files["movielens-100k/u.user"] = b"186|39|F|executive|00000\n196|49|M|writer|55105\n"
    files["movielens-100k/README"] = b"cite Harper and Konstan\n"
    for i, name in enumerate([*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]):
        record = np.arange(3072) % 251
        records = [bytes([label]) + (record + i).astype(np.uint8).tobytes() for label in (i, 9)]
        files[f"cifar10/{name}.bin"] = b"".join(records)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def run(code, data, cwd, *, hooks=True):
    """What the code writes to (stdout, stderr), in a process of its own without a network."""
    install = "from graphmode.datasets.addresses import hooks\nhooks.install()\n" if hooks else ""
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK + install + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env=os.environ
        | {"GRAPHMODE_DATA": str(data)}
        | {"XDG_CACHE_HOME": str(cwd / "cache"), "IPYTHONDIR": str(cwd / "ipython")},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr
