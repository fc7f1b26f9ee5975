"""The proxy itself: honest, it changes nothing."""

from tests.attacks.scene import BEFORE, Scene, recover


async def test_an_honest_proxy_changes_nothing(scene: Scene) -> None:
    async with scene.honest("anne") as anne, scene.deceived("paul") as paul:
        assert paul.texts(scene.cid) == list(BEFORE)
        await scene.write(anne, "nouveau")
        await paul.until(lambda: "nouveau" in paul.texts(scene.cid))
        await recover(scene, paul, anne)
        scene.require_truth(paul)
        assert not [name for name in paul.names if "efused" in name or "logged" in name]
