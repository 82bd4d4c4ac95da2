"""Pixels of every file of the corpus as pydicom reads them (`tests/server/corpus.test.ts` compares with it). JPEG of 12 bits, which none of its plugins
decodes, is decoded by dcmtk's `dcmdjpeg` first; deflated frames, of which it knows nothing yet, by zlib.

    pip install pydicom==3.0.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg pylibjpeg-openjpeg pylibjpeg-rle pyjpegls python-gdcm numpy; apt-get install dcmtk
    python3 tests/imaging/reference.py ../shared/data > tests/imaging/reference.json

By file: type and shape of the array, SHA-256 of its bytes (little endian, raw: no colour is converted), 64 values of it at equal steps for files of lossy
syntaxes, SHA-256 after modality LUT and after VOI LUT (64-bit floats) of files that have such tables; or why pydicom reads no pixels.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import warnings
import zlib

import numpy
import pydicom
from pydicom.encaps import generate_frames
from pydicom.pixels import apply_modality_lut, apply_voi_lut, pixel_array
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

warnings.simplefilter("ignore")
LOSSY = (".50", ".51", ".81", ".91", ".203")


def sha256(array, dtype=None):
    little = numpy.ascontiguousarray(array.astype(dtype or array.dtype.newbyteorder("<")))
    return hashlib.sha256(little.tobytes()).hexdigest()


def decoded(path, dataset):
    """The array, and by what it was decoded."""
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None:
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    if syntax == "1.2.840.10008.1.2.8.1":
        pixels = dataset.Rows * dataset.Columns
        frames = [
            numpy.unpackbits(numpy.frombuffer(zlib.decompress(frame, -15), "u1"), bitorder="little")[:pixels]
            for frame in generate_frames(dataset.PixelData, number_of_frames=dataset.NumberOfFrames)
        ]
        return numpy.stack(frames), "zlib"
    if syntax == "1.2.840.10008.1.2.4.51":
        with tempfile.TemporaryDirectory() as folder:
            plain = os.path.join(folder, "plain.dcm")
            subprocess.run(["dcmdjpeg", path, plain], check=True, capture_output=True)
            # As they are: pydicom cuts off what lossy values have above BitsStored.
            plain = pydicom.dcmread(plain)
            return numpy.frombuffer(plain.PixelData, "<u2").reshape(plain.Rows, plain.Columns), "dcmtk"
    return pixel_array(dataset, raw=True), "pydicom"


def described(path):
    try:
        with open(path, "rb") as file:
            dataset = pydicom.dcmread(file, force=True)
        if "PixelData" not in dataset:
            return None
        array, by = decoded(path, dataset)
    except Exception as error:  # whatever its plugins throw
        return {"error": f"{type(error).__name__}: {error}".splitlines()[0][:160]}
    out = {"by": by, "type": array.dtype.newbyteorder("<").str, "shape": list(array.shape), "sha256": sha256(array)}
    flat = array.reshape(-1)
    if str(dataset.file_meta.get("TransferSyntaxUID", "")).endswith(LOSSY):
        out["values"] = [int(flat[at * (len(flat) - 1) // 63]) for at in range(64)]
    if "ModalityLUTSequence" in dataset:
        out["modality"] = sha256(apply_modality_lut(array, dataset), "<f8")
    if "VOILUTSequence" in dataset:
        out["voi"] = sha256(apply_voi_lut(apply_modality_lut(array, dataset), dataset, prefer_lut=True), "<f8")
    return out


root = sys.argv[1]
files = {}
for folder in ("dicom-edge", "mr-dicom"):
    for directory, _, names in os.walk(os.path.join(root, folder)):
        for name in names:
            path = os.path.join(directory, name)
            answer = described(path)
            if answer:
                files[os.path.relpath(path, root)] = answer
json.dump(files, sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
sys.stdout.write("\n")
