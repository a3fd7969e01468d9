"""Reads members of a wheel (a zip file) for swiftlet: `list WHEEL`, or `extract WHEEL MEMBER LIMIT`.

Nothing is unpacked by name: a member's bytes go to standard output, at most LIMIT of them, checked by the zip's own CRC.
Failures end with status 3 and one line on standard error.
"""

import json
import resource
import sys
import zipfile


def fail(text):
    sys.stderr.write(text + "\n")
    sys.exit(3)


def list_members(wheel):
    members = wheel.infolist()
    if len(members) > 100000:
        fail("it has more than 100000 members")
    if any(len(m.filename) > 1000 for m in members):
        fail("it has members with names of more than 1000 characters")
    json.dump([{"name": m.filename, "size": m.file_size} for m in members if not m.is_dir()], sys.stdout)


def extract(wheel, name, limit):
    try:
        member = wheel.getinfo(name)
    except KeyError:
        fail("it has no member " + json.dumps(name))
    if member.flag_bits & 1:
        fail("its member is encrypted")
    if member.file_size > limit:
        fail("its member has %d bytes, more than the %d expected" % (member.file_size, limit))
    written = 0
    with wheel.open(member) as source:
        while True:
            block = source.read(1 << 20)
            if not block:
                break
            written += len(block)
            if written > limit:
                fail("its member unpacks to more than the %d bytes expected" % limit)
            sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()


def main(arguments):
    try:
        # A list of members made to fill memory ends here; blocks of a real one are small.
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass
    try:
        with zipfile.ZipFile(arguments[1]) as wheel:
            if arguments[0] == "list":
                list_members(wheel)
            else:
                extract(wheel, arguments[2], int(arguments[3]))
    except OSError as error:
        fail("errno %d: %s" % (error.errno or 0, error.strerror or error))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        fail("it is damaged: %s" % error)
    except Exception as error:  # zlib.error and its like have no common base
        fail("it cannot be unpacked: %s" % error)


main(sys.argv[1:])
