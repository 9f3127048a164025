(* `require`: what the theorems of Slicing.v ask of a rule, `require` has. Its memory of a value is, for each prerequisite, the latest time at which it was
   met since the last reset, and where that reset was; so forgetting a value is safe, with and without `reset by`, and closing a window is invisible. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Slicing.
Open Scope Z_scope.

Section Requirement.
Variables (V L B P : Type) (v_dec : forall x y : V, {x = y} + {x <> y}) (none : B) (candidates : L -> list (V * B)).
(* When and where a letter counts, and its call. *)
Variables (time place call_time call_place : L -> Z).
(* Prerequisites: their windows, what meets them, what resets them; and the calls that need them. *)
Variables (prerequisites : list P) (window : P -> option Z) (meets resets : P -> L -> B -> bool) (target : L -> B -> bool).
Hypothesis Distinct : forall a, NoDup (map fst (candidates a)).
Hypothesis Fresh : forall vs : list V, exists v, ~ In v vs.

Record memory := { met : option Z; since : option Z }.
Definition entry := list (P * memory).

Definition after (m : memory) (a : L) : bool := match since m with Some p => p <? call_place a | None => true end.
Definition step1 (p : P) (a : L) (b : B) (m : memory) : memory :=
  if resets p a b then {| met := None; since := Some (place a) |}
  else if meets p a b && after m a
  then {| met := Some (match met m with Some x => Z.max x (call_time a) | None => call_time a end); since := since m |}
  else m.
Definition step (a : L) (b : B) (e : entry) : entry := map (fun pm => (fst pm, step1 (fst pm) a b (snd pm))) e.
Definition open (p : P) (x t : Z) : bool := match window p with Some d => t - x <=? d | None => true end.
Definition has (pm : P * memory) (t : Z) : bool := match met (snd pm) with Some x => open (fst pm) x t | None => false end.
Definition judges (a : L) (b : B) (e : entry) : bool := target a b && existsb (fun pm => negb (has pm (time a))) e.
Definition start : entry := map (fun p => (p, {| met := None; since := None |})) prerequisites.
Definition wiped (a : L) : entry := map (fun p => (p, {| met := None; since := Some (place a) |})) prerequisites.
Definition close (t : Z) (e : entry) : entry :=
  map (fun pm => (fst pm, if has pm t then snd pm else {| met := None; since := since (snd pm) |})) e.

(* Times do not decrease, and places do not either; a letter's call is not after it. *)
Fixpoint lawful_from (t p : Z) (h : list L) : Prop :=
  match h with [] => True | a :: rest => t <= time a /\ p <= place a /\ lawful_from (time a) (place a) rest end.
Variables (first first_place : Z).
Definition lawful (h : list L) : Prop := lawful_from first first_place h.

Lemma lawful_prefix_from : forall h t p a, lawful_from t p (h ++ [a]) -> lawful_from t p h.
Proof. induction h as [|x h IH]; simpl; intros t p a H; auto. intuition eauto. Qed.
Lemma lawful_prefix : forall h a, lawful (h ++ [a]) -> lawful h.
Proof. intros h a. apply lawful_prefix_from. Qed.
Lemma lawful_times_from : forall h t p, lawful_from t p h -> ordered L time t h.
Proof. induction h as [|x h IH]; simpl; intros t p H; auto. intuition eauto. Qed.
Lemma lawful_times : forall h, lawful h -> ordered L time first h.
Proof. intros h. apply lawful_times_from. Qed.
Hint Resolve lawful_prefix lawful_times : core.

Notation stricter := (stricter entry L B time step judges).
Notation alike := (alike entry L B time step judges).
Notation exact := (exact V entry L B v_dec none candidates step start).

(* One memory has met no more than another, and can meet no more. *)
Definition less (m m' : memory) : Prop :=
  (forall x, met m = Some x -> exists y, met m' = Some y /\ x <= y) /\
  (forall q, since m' = Some q -> exists p, since m = Some p /\ q <= p).
Definition fewer (e e' : entry) : Prop := Forall2 (fun pm pm' => fst pm = fst pm' /\ less (snd pm) (snd pm')) e e'.

Lemma less_refl : forall m, less m m.
Proof. intros m. split; intros x E; exists x; split; auto; lia. Qed.

Lemma less_after : forall m m' a, less m m' -> after m a = true -> after m' a = true.
Proof.
  intros m m' a [_ S]. unfold after. destruct (since m') as [q|] eqn:E; auto.
  destruct (S q eq_refl) as (p & -> & I). rewrite !Z.ltb_lt. lia.
Qed.

Lemma less_step : forall p a b m m', less m m' -> less (step1 p a b m) (step1 p a b m').
Proof.
  intros p a b m m' H. unfold step1. destruct (resets p a b); [apply less_refl|].
  destruct (meets p a b); simpl; auto. destruct (after m a) eqn:A; [rewrite (less_after _ _ _ H A)|].
  - destruct H as [M S]. split; simpl; auto. intros x E. inversion E; subst. clear E. destruct (met m) as [y|].
    + destruct (M y eq_refl) as (z & -> & I). exists (Z.max z (call_time a)). split; auto; lia.
    + eexists. split; [reflexivity|]. destruct (met m'); lia.
  - destruct (after m' a); auto. destruct H as [M S]. split; simpl; auto. intros x E.
    destruct (M x E) as (z & -> & I). exists (Z.max z (call_time a)). split; auto; lia.
Qed.

Lemma fewer_step : forall a b e e', fewer e e' -> fewer (step a b e) (step a b e').
Proof.
  intros a b e e' H. induction H as [|[p m] [p' m'] e e' [E H] F IH]; simpl in *; constructor; auto. subst. simpl. auto using less_step.
Qed.

Lemma less_has : forall p m m' t, less m m' -> has (p, m) t = true -> has (p, m') t = true.
Proof.
  intros p m m' t [M _]. unfold has, open. simpl. destruct (met m) as [x|]; [|discriminate].
  destruct (M x eq_refl) as (y & -> & I). destruct (window p); auto. rewrite !Z.leb_le. lia.
Qed.

Lemma fewer_judges : forall a b e e', fewer e e' -> judges a b e' = true -> judges a b e = true.
Proof.
  intros a b e e' H. unfold judges. rewrite !andb_true_iff. intros [T J]. split; auto.
  induction H as [|[p m] [p' m'] e e' [E H] F IH]; simpl in *; auto. subst.
  rewrite orb_true_iff in *. destruct J as [J|J]; auto. left. rewrite negb_true_iff in *.
  destruct (has (p', m) (time a)) eqn:K; auto. rewrite (less_has _ _ _ _ H K) in J. discriminate.
Qed.

Lemma fewer_is_stricter : forall t e e', fewer e e' -> stricter t e e'.
Proof.
  intros t e e'. apply simulation_is_stricter with (simulates := fun _ => fewer).
  - intros; eapply fewer_judges; eauto.
  - intros; apply fewer_step; auto.
Qed.

(* Closing a window that is over is invisible: after it both have met nothing that still counts. *)
Definition shut (p : P) (m : memory) (t : Z) : Prop := match met m with Some x => open p x t = false | None => True end.
Definition same_from (t : Z) (e e' : entry) : Prop :=
  Forall2 (fun pm pm' => fst pm = fst pm' /\ since (snd pm) = since (snd pm') /\
    (met (snd pm) = met (snd pm') \/ shut (fst pm) (snd pm) t /\ shut (fst pm) (snd pm') t)) e e'.

Lemma shut_later : forall p m t t', t <= t' -> shut p m t -> shut p m t'.
Proof. intros p m t t' T. unfold shut, open. destruct (met m), (window p); auto. rewrite !Z.leb_gt. lia. Qed.

Lemma same_step : forall t e e' a b, same_from t e e' -> t <= time a -> same_from (time a) (step a b e) (step a b e').
Proof.
  intros t e e' a b H T. induction H as [|[p m] [p' m'] e e' (E & S & H) F IH]; simpl in *; constructor; auto.
  simpl. subst p'. split; auto. unfold step1. destruct (resets p a b); auto. unfold after. rewrite <- S.
  destruct (meets p a b && _); simpl; [|intuition eauto using shut_later]. split; auto.
  destruct H as [->|[X Y]]; auto. pose proof (shut_later _ _ _ _ T X) as X'. pose proof (shut_later _ _ _ _ T Y) as Y'. clear - X' Y'.
  assert (C : forall c, let later o := match o with Some x => Z.max x c | None => c end in
    later (met m) = later (met m') \/ shut p {| met := Some (later (met m)); since := None |} (time a) /\ shut p {| met := Some (later (met m')); since := None |} (time a)).
  { intros c. unfold shut, open in *. simpl. destruct (met m) as [x|], (met m') as [y|], (window p) as [d|]; auto; try discriminate;
      rewrite ?Z.leb_gt in *; lia. }
  destruct (C (call_time a)) as [E|E]; [left; f_equal; exact E|right; exact E].
Qed.

Lemma same_judges : forall t e e' a b, same_from t e e' -> t <= time a -> judges a b e = judges a b e'.
Proof.
  intros t e e' a b H T. unfold judges. f_equal. induction H as [|[p m] [p' m'] e e' (E & S & H) F IH]; simpl in *; auto.
  subst p'. rewrite IH. f_equal. f_equal. unfold has. simpl. destruct H as [->|[X Y]]; auto.
  apply (shut_later _ _ _ _ T) in X. apply (shut_later _ _ _ _ T) in Y. unfold shut in *. destruct (met m), (met m'); congruence.
Qed.

Lemma same_sym : forall t e e', same_from t e e' -> same_from t e' e.
Proof. intros t e e' H. induction H as [|x y e e' (E & S & H) F IH]; constructor; auto. rewrite <- E. intuition. Qed.

Lemma same_is_stricter : forall t e e', same_from t e e' -> stricter t e e'.
Proof.
  apply simulation_is_stricter.
  - intros t e e' a b H T J. rewrite (same_judges t e e' a b H T). auto.
  - intros; eapply same_step; eauto.
Qed.

Theorem closing_is_invisible : forall t e, alike t (close t e) e.
Proof.
  assert (X : forall t e, same_from t (close t e) e).
  { intros t e. induction e as [|[p m] e IH]; simpl; constructor; auto. simpl. unfold has. simpl.
    destruct (met m) as [x|] eqn:E; simpl; [destruct (open p x t) eqn:O; simpl; auto|]; repeat split; auto.
    right. unfold shut. simpl. rewrite E. auto. }
  intros t e. split; apply same_is_stricter; auto using same_sym.
Qed.

(* Without `reset by`: a letter that meets a prerequisite for every value meets it for those that it binds. *)
Theorem require_forgets_safely :
  (forall p a b, resets p a b = false) -> (forall p a b, meets p a none = true -> meets p a b = true) ->
  forall h a t, lawful (h ++ [a]) -> reached V entry L B v_dec none candidates time step start close wiped Forgets h t ->
  forall v, judges a (bound V L B v_dec none candidates a v) (exact h v) = true ->
  table_judges V entry L B v_dec none candidates judges a t = true.
Proof.
  intros R A h a t O T v J. eapply forgetting_is_safe with (lawful := lawful) (first := first) (close := close); eauto using closing_is_invisible.
  intros a' b e. apply fewer_is_stricter. induction e as [|[p m] e IH]; simpl; constructor; auto. simpl. split; auto.
  unfold step1. rewrite !R. destruct (meets p a' none) eqn:M; simpl; [rewrite (A _ _ b M); apply less_refl|].
  destruct (meets p a' b && after m a'); [|apply less_refl]. split; simpl; [|intros q E; exists q; split; auto; lia].
  intros x ->. eexists. split; [reflexivity|lia].
Qed.

(* With `reset by`. *)
Lemma sinces : forall h v, lawful h ->
  map fst (exact h v) = prerequisites /\ Forall (fun pm => forall q, since (snd pm) = Some q -> q <= fold_left (fun _ a => place a) h first_place) (exact h v).
Proof.
  intros h v. induction h as [|a h IH] using rev_ind; intros O.
  - split; [unfold exact, start; simpl; rewrite map_map; apply map_id|]. apply Forall_forall. intros pm I.
    apply in_map_iff in I. destruct I as (p & <- & _). simpl. discriminate.
  - destruct (IH (lawful_prefix _ _ O)) as [K F]. rewrite exact_app. split; [unfold step; rewrite map_map; exact K|].
    rewrite fold_left_app. simpl.
    assert (X : fold_left (fun _ a => place a) h first_place <= place a).
    { clear - O. unfold lawful in O. revert O. generalize first first_place. induction h as [|x h IH]; simpl; intros t p O; [tauto|].
      apply (IH (time x)). tauto. }
    unfold step. apply Forall_forall. intros pm I. apply in_map_iff in I. destruct I as ([p m] & <- & I). simpl.
    rewrite Forall_forall in F. specialize (F _ I). simpl in F. unfold step1. intros q.
    destruct (resets p a _); [simpl; intros E; inversion E; lia|].
    destruct (meets p a _ && after m a); simpl; intros E; apply F in E; lia.
Qed.

Theorem require_with_resets_forgets_safely :
  forall h a t, lawful (h ++ [a]) -> reached V entry L B v_dec none candidates time step start close wiped Resets h t ->
  forall v, judges a (bound V L B v_dec none candidates a v) (exact h v) = true ->
  table_judges V entry L B v_dec none candidates judges a t = true.
Proof.
  intros h a t O T v J. eapply forgetting_with_resets_is_safe with (lawful := lawful) (first := first) (close := close); eauto using closing_is_invisible.
  intros h' a' v' O'. apply fewer_is_stricter. destruct (sinces (h' ++ [a']) v' O') as [K F].
  rewrite fold_left_app in F. simpl in F. unfold wiped. revert K F. generalize (exact (h' ++ [a']) v') as e. generalize prerequisites as ps.
  induction ps as [|p l IH]; intros [|[p' m] e] K F; simpl in K; inversion K; subst; simpl; constructor.
  - simpl. split; auto. split; simpl; [discriminate|]. inversion F; subst. intros q E. exists (place a'). auto.
  - apply IH; auto. now inversion F.
Qed.
End Requirement.

(* `require { a(x: ?v) before b(x: ?v) within 10 }`: 1 was met and then forgotten for 2; so 1 is judged (which its own monitor would not do), and so is 3. *)
Module Example.
Record call := { at_ : Z; is_a : bool; value : nat }.
Definition candidates (c : call) : list (nat * bool) := [(value c, true)].
Definition meets (_ : unit) (c : call) (b : bool) := b && is_a c.
Definition never (_ : unit) (_ : call) (_ : bool) := false.
Definition target (c : call) (b : bool) := b && negb (is_a c).
Notation entry := (entry unit).
Definition start := start unit [tt].
Definition close := close unit (fun _ => Some 10).
Definition wiped := wiped call unit at_ [tt].
Notation step := (step call bool unit at_ at_ at_ meets never).
Notation judges := (judges call bool unit at_ (fun _ => Some 10) target).
Definition one : call := {| at_ := 1; is_a := true; value := 1%nat |}.
Definition two : call := {| at_ := 2; is_a := true; value := 2%nat |}.
Definition b (t : Z) (v : nat) : call := {| at_ := t; is_a := false; value := v |}.
Definition met_at (t : Z) : entry := [(tt, {| met := Some t; since := None |})].
Definition t : table nat entry := {| default := start; kept := [(2%nat, met_at 2)] |}.
Notation reached := (reached nat entry call bool Nat.eq_dec false candidates at_ step start close wiped Forgets).

Example one_is_forgotten : reached [one; two] t.
Proof.
  apply (Steps nat entry call bool Nat.eq_dec false candidates at_ step start close wiped Forgets [one] two {| default := start; kept := [(1%nat, met_at 1)] |}).
  - apply (Steps nat entry call bool Nat.eq_dec false candidates at_ step start close wiped Forgets [] one (empty nat entry start)); repeat constructor.
  - apply Takes. apply Forgotten with (k := 1%nat); auto. constructor.
Qed.
Example says : map (fun c => table_judges nat entry call bool Nat.eq_dec false candidates judges c t) [b 3 1%nat; b 3 2%nat; b 3 3%nat; b 12 2%nat; b 13 2%nat]
  = [true; false; true; false; true].
Proof. reflexivity. Qed.
Example one_was_met : judges (b 3 1) true (exact nat entry call bool Nat.eq_dec false candidates step start [one; two] 1%nat) = false.
Proof. reflexivity. Qed.
End Example.
