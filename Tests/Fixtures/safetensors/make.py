"""Makes all-types.safetensors (every dtype, built by hand after the format's description) and all-types.json, what its
8-bit and half floats widen to by ml_dtypes (PyPI, 0.6.0); the file is checked by reading it with safetensors 0.8.0."""
import json
import struct
import sys
import ml_dtypes
import numpy as np
from safetensors import deserialize

every_byte = np.arange(256, dtype=np.uint8)
tensors = {  # name: dtype, shape, bytes
    "bool": ("BOOL", [2], bytes([0, 1])),
    "f4": ("F4", [16], bytes(2 * i | (2 * i + 1) << 4 for i in range(8))),
    "f6a": ("F6_E2M3", [4], bytes(3)),
    "f6b": ("F6_E3M2", [4], bytes(3)),
    "u8": ("U8", [256], every_byte.tobytes()),
    "i8": ("I8", [256], every_byte.tobytes()),
    "f8_e5m2": ("F8_E5M2", [16, 16], every_byte.tobytes()),
    "f8_e4m3": ("F8_E4M3", [256], every_byte.tobytes()),
    "f8_e8m0": ("F8_E8M0", [256], every_byte.tobytes()),
    "f8_e4m3fnuz": ("F8_E4M3FNUZ", [256], every_byte.tobytes()),
    "f8_e5m2fnuz": ("F8_E5M2FNUZ", [256], every_byte.tobytes()),
    "i16": ("I16", [3], np.array([-32768, 0, 32767], np.int16).tobytes()),
    "u16": ("U16", [2], np.array([0, 65535], np.uint16).tobytes()),
    "f16": ("F16", [4], np.array([1.5, -65504, 6e-8, np.inf], np.float16).tobytes()),
    "bf16": ("BF16", [3], np.array([1.5, -3e38, 1e-40]).astype(ml_dtypes.bfloat16).tobytes()),
    "i32": ("I32", [2], np.array([-(2**31), 16777217], np.int32).tobytes()),
    "u32": ("U32", [2], np.array([0, 2**32 - 1], np.uint32).tobytes()),
    "f32": ("F32", [2, 3], np.arange(6, dtype=np.float32).tobytes()),
    "c64": ("C64", [1], np.array([1 + 2j], np.complex64).tobytes()),
    "f64": ("F64", [], np.array([0.1], np.float64).tobytes()),
    "i64": ("I64", [2], np.array([-(2**63), 2**53 + 1], np.int64).tobytes()),
    "u64": ("U64", [2], np.array([0, 2**64 - 1], np.uint64).tobytes()),
    "none": ("F32", [0, 4], b""),
}
header, data = {"__metadata__": {"format": "pt"}}, b""
for name, (dtype, shape, content) in tensors.items():
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
file = struct.pack("<Q", len(text)) + text + data
deserialize(file)
open(sys.argv[1] + "/all-types.safetensors", "wb").write(file)

wide = {
    "f4": np.arange(16, dtype=np.uint8).view(ml_dtypes.float4_e2m1fn),
    "f8_e5m2": every_byte.view(ml_dtypes.float8_e5m2),
    "f8_e4m3": every_byte.view(ml_dtypes.float8_e4m3fn),
    "f8_e8m0": every_byte.view(ml_dtypes.float8_e8m0fnu),
    "f8_e4m3fnuz": every_byte.view(ml_dtypes.float8_e4m3fnuz),
    "f8_e5m2fnuz": every_byte.view(ml_dtypes.float8_e5m2fnuz),
    "f16": np.frombuffer(tensors["f16"][2], np.float16),
    "bf16": np.frombuffer(tensors["bf16"][2], ml_dtypes.bfloat16),
    "f64": np.array([0.1]),
    "i32": np.frombuffer(tensors["i32"][2], np.int32),
    "i64": np.frombuffer(tensors["i64"][2], np.int64),
    "u64": np.frombuffer(tensors["u64"][2], np.uint64),
    "i8": every_byte.view(np.int8),
    "u8": every_byte,
}
bits = {name: values.astype(np.float32).view(np.uint32).tolist() for name, values in wide.items()}
json.dump(bits, open(sys.argv[1] + "/all-types.json", "w"), separators=(",", ":"))
