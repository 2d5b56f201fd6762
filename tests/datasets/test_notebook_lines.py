"""The download cells of the course's notebooks, as they are printed, under `graphmode run`."""

import os
import subprocess
import sys

import pytest
from tests.datasets import small

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

BOX = "https://ibm.box.com/shared/static"
CELLS = {
    """!wget -O FuelConsumption.csv https://s3-api.us-geo.objectstorage.softlayer.net/cf-courses-data/CognitiveClass/ML0101ENv3/labs/FuelConsumptionCo2.csv
import pandas as pd
df = pd.read_csv("FuelConsumption.csv")
print(df["ENGINESIZE"].tolist())""": "[2.0, 2.4]",
    f"""# download standard image
!wget --quiet {BOX}/cn7yt7z10j8rx6um1v9seagpgmzzxnlz.jpg --output-document bird.jpg
!wget --quiet {BOX}/vvm1b63uvuuxq88vbw9znpwu5o1380mco.jpg --output-document num3.jpg
!wget -O destructed3.jpg {BOX}/vm1b63uvuuxq88vbv9znpwu5o1380mco.jpg
from PIL import Image
print([Image.open(name).convert("L").mode for name in ("bird.jpg", "num3.jpg", "destructed3.jpg")])
""": "['L', 'L', 'L']",
    """!wget --output-document utils1.py http://deeplearning.net/tutorial/code/utils.py
import utils1
from utils1 import tile_raster_images
print(utils1.__file__.endswith("utils1.py"), tile_raster_images.__module__)""": (
        "True graphmode.viz.raster"
    ),
    f"""!mkdir data
!wget -q -O data/ptb.zip {BOX}/z2yvmbhskc45xd2a9a4kkn6hg4g4kj5r.zip
!unzip -o data/ptb.zip -d data
!cp data/ptb/reader.py .

import reader
!wget http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz
!tar xzf simple-examples.tgz -C data/
print(reader.ptb_raw_data("data/simple-examples/data/")[3])""": "6",
    f"""!wget -nv -O input.txt {BOX}/a3f9e9mbpup09toq3ut7ke3l3lf03hg.txt
with open('input.txt', 'r') as f:
    read_data = f.read()
    print (read_data[0:13])""": "First Citizen",
    """!wget -O ./data/moviedataset.zip http://files.grouplens.org/datasets/movielens/ml-1m.zip
!unzip -o ./data/moviedataset.zip -d ./data
movies_df = pd.read_csv('./data/ml-1m/ratings.dat', sep='::', header=None, engine='python')
print(movies_df.shape)""": "(3, 4)",
    """!pip install tensorflow==1.15
import tensorflow as tf
print(tf.VERSION)""": "1.15.5",
}


def test_the_download_cells_of_the_course(tmp_path):
    pytest.importorskip("pandas")
    pytest.importorskip("PIL")
    data = small.write(tmp_path / "data_sets")
    for name in ("images-idx3", "labels-idx1"):  # random pictures: none need be a 3
        (data / "mnist" / f"t10k-{name}-ubyte").unlink()
    path = tmp_path / "lab.ipynb"
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", "--data", str(data), str(path)],
        capture_output=True,
        text=True,
        timeout=180,
        env=os.environ
        | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        | dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    )
    assert done.returncode == 0, done.stderr
    executed = nbformat.read(tmp_path / "lab.out.ipynb", as_version=4)
    printed = [
        "".join(o.text for o in cell.outputs if o.get("name") == "stdout")
        for cell in executed.cells
    ]
    assert [text.strip().splitlines()[-1] for text in printed] == list(CELLS.values())
    assert "FuelConsumption.csv" in printed[0] and "answered by" in printed[0]
    assert printed[1].count("the picture is gone") == 3
    assert "inflating: ./data/ml-1m/movies.dat" in printed[5]
    assert "tensorflow==1.15 is not installed" in printed[6]
