import msgspec

from jobs.simulation import batches, with_revision


def test_same_content_gets_the_same_first_revision() -> None:
    first, again, other = (with_revision(text) for text in (b'{"_id":"a"}', b'{"_id":"a"}', b'{"_id":"b"}'))
    assert bytes(first) == bytes(again)
    document = msgspec.json.decode(first)
    assert document["_id"] == "a"
    assert document["_rev"].startswith("1-") and len(document["_rev"]) == 34
    assert document["_rev"] != msgspec.json.decode(other)["_rev"]


def test_batches_hold_every_document_once_and_in_order() -> None:
    documents = [b"%d" % number for number in range(2500)]
    portions = list(batches(documents))
    assert [len(portion) for portion in portions] == [1000, 1000, 500]
    assert [document for portion in portions for document in portion] == documents
