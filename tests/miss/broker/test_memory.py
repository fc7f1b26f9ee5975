"""What is particular to the broker of one process."""

from miss.broker import MemoryBroker
from miss.broker.memory import QUEUE_PAYLOADS


async def test_a_full_queue_drops_and_counts() -> None:
    broker = MemoryBroker()
    await broker.start()
    for _ in range(QUEUE_PAYLOADS + 3):
        await broker.publish("frames", b"x")
    assert broker.dropped == 3
    await broker.close()


async def test_publishing_before_the_start_is_a_loss_not_an_error() -> None:
    broker = MemoryBroker()
    await broker.publish("frames", b"x")
    assert broker.dropped == 1
