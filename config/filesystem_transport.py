"""The queue without a service: a folder of files, one a message.

kombu's own transport opens a message under its final name and fills it after, so a reader may take
a file that is still empty and the message is lost; and what it has read it keeps for a moment in
the machine's common temporary folder. This one writes under a name that no reader looks for and
renames, within one folder of the installation.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty

from kombu.transport import filesystem
from kombu.transport.virtual import BrokerState
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Reads and writes whole messages only.

    The transport option `folder` holds everything: `messages/`, `taken/` and `control/` below it.
    """

    @property
    def _folder(self) -> Path:
        return Path(self.transport_options["folder"])

    def _made(self, name: str) -> str:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    @property
    def data_folder_in(self) -> str:
        """Where messages are read from."""
        return self._made("messages")

    @property
    def data_folder_out(self) -> str:
        """Where messages are written to: the same folder, every process both sends and receives."""
        return self._made("messages")

    @property
    def processed_folder(self) -> str:
        """Where a message is while one reader has it: near enough to be taken by one rename."""
        return self._made("taken")

    @property
    def control_folder(self) -> Path:
        """Where the bindings of exchanges are kept."""
        return Path(self._made("control"))

    def _put(self, queue: str, payload: dict, **kwargs) -> None:
        # Wall-clock nanoseconds: names sort in the order of sending across processes and restarts.
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        draft = os.path.join(self._made("drafts"), name)
        with open(draft, "wb") as file:
            file.write(str_to_bytes(dumps(payload)))
        os.rename(draft, os.path.join(self.data_folder_out, name))

    def _get(self, queue: str) -> dict:
        wanted = f"{queue}.msg"
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != wanted:
                continue
            taken = os.path.join(self.processed_folder, name)
            try:
                os.rename(os.path.join(self.data_folder_in, name), taken)
            except FileNotFoundError:
                continue  # Another reader was faster.
            with open(taken, "rb") as file:
                payload = file.read()
            os.remove(taken)
            return loads(bytes_to_str(payload))
        raise Empty


class Transport(filesystem.Transport):
    """kombu's transport for files, with the channel above."""

    Channel = Channel

    def __init__(self, client, **kwargs) -> None:
        super().__init__(client, **kwargs)
        # What was declared is known per folder; kombu's own transport keeps it per process.
        self.state = BrokerState()
